"""The steps of `baocao keys`: issuing keys to schools, with a note for each, and taking them back."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sync import keys
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.keys import Issued, Key, UnknownKey
from sync.office import OpenOffice
from sync.schools import School

if TYPE_CHECKING:
    from sync.ledger import Ledger


class NotWritten(MendableError):
    """A note could not be written; the message says where and why."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A new key and the name of its school. file: where the note for the school lies, None where none was asked for."""

    issued: Issued
    name: str
    file: Path | None


def issue(office: OpenOffice, codes: Collection[str], everyone: bool, folder: Path | None) -> list[HandedOut]:
    """Issues a key to each school of `codes`, or of `everyone` to those that have none that works.

    A note for each goes into `folder`, where that is given; a key whose note cannot be written is not issued. Raises
    NoSuchSchool, NotWritten, ControlError, LedgerError.
    """
    with _ledger(office) as ledger:
        chosen = keys.schools_for(office.control.schools, codes, ledger.keys.all(), everyone)
        done: list[HandedOut] = []
        try:
            # One after the other, so that `done` has those that were written before one that could not be.
            done.extend(_handed_out(office, office.control.schools.by_code[code], folder) for code in chosen)
            ledger.keys.record(each.issued.key for each in done)
        except BaseException:
            _forget(done)
            raise
    return done


def known(office: OpenOffice) -> list[Key]:
    """All keys of the office, by school. Raises LedgerError."""
    with _ledger(office) as ledger:
        return [_local(office, key) for key in ledger.keys.all()]


def revoke(office: OpenOffice, ids: Sequence[str]) -> list[Key]:
    """Revokes the keys of `ids`; they open nothing from the next call on. Raises UnknownKey, LedgerError.

    Whole keys are taken too, as somebody has them who found one lying about.
    """
    plain = [_id(each) for each in ids]
    with _ledger(office) as ledger:
        # A key that is not there is a typing error, and then none of the others may be meant either.
        if unknown := sorted(set(plain) - {key.id for key in ledger.keys.all()}):
            raise UnknownKey(
                _("There is no key {ids}; `baocao keys list` has them all.").format(ids=", ".join(unknown))
            )
        return [_local(office, key) for key in ledger.keys.revoke(plain, office.now)]


@contextmanager
def _ledger(office: OpenOffice) -> Iterator[Ledger]:
    from sync.ledger import Ledger

    with Ledger.open(office.ledger_url) as ledger:
        yield ledger


def _local(office: OpenOffice, key: Key) -> Key:
    """`key` with its moments in the office's time zone."""
    revoked = key.revoked_at and key.revoked_at.astimezone(office.zone)
    return replace(key, issued_at=key.issued_at.astimezone(office.zone), revoked_at=revoked)


def _id(text: str) -> str:
    """The id in `text`, which is one or a whole key; of a key the secret is forgotten here."""
    parts = text.strip().split("-", 2)
    return parts[1] if len(parts) > 1 and parts[0] == "bc" else parts[0]


def _handed_out(office: OpenOffice, school: School, folder: Path | None) -> HandedOut:
    issued = keys.make(school.code, office.now)
    file = None
    if folder is not None:
        file = folder / f"ma-{school.code}-{issued.key.id}.txt"
        _write(file, note(office, school, issued).encode("utf-8-sig"))
    return HandedOut(issued, school.name, file)


def note(office: OpenOffice, school: School, issued: Issued) -> str:
    """What the school gets with its key, in Vietnamese."""
    own = office.settings.office
    asks = ", ".join(filter(None, (own.contact, own.phone, own.email))) or own.name
    return _NOTE.format(
        office=own.name, name=school.name, code=school.code, day=f"{office.now:%d/%m/%Y}", key=issued.text,
        id=issued.key.id, asks=asks,
    ).replace("\n", "\r\n")  # fmt: skip


_NOTE = """\
{office}

MÃ TRUY CẬP CỦA NHÀ TRƯỜNG

Kính gửi: {name} (mã trường {code})

Mã dưới đây dùng để kiểm tra và nộp báo cáo ngay trong Excel hoặc Google Sheets:

    {key}

Cách dùng
1. Mở tệp báo cáo của nhà trường.
2. Trong Excel: chọn thẻ Báo cáo, mở ngăn Báo cáo, dán mã vào ô Mã truy cập.
   Trong Google Sheets: chọn trình đơn Báo cáo, bấm Nhập mã truy cập, dán mã.
3. Chỉ nhập một lần trên mỗi máy. Sau đó bấm Kiểm tra, rồi bấm Nộp.

Xin lưu ý
- Mã chỉ dùng được cho báo cáo của nhà trường; ai có mã thì nộp được thay nhà trường.
  Đề nghị không gửi mã cho người ngoài trường, không ghi mã vào tệp báo cáo.
- Khi lộ mã, mất mã hoặc thay người phụ trách, xin báo để được cấp mã mới.
- Nếu chưa dùng được mã, nhà trường vẫn nộp tệp báo cáo theo cách đang làm.

Cấp ngày {day}. Số hiệu của mã (dùng khi gọi điện): {id}
Liên hệ: {asks}
"""


def _forget(done: Sequence[HandedOut]) -> None:
    """Removes notes whose keys were not recorded: they would open nothing."""
    for each in done:
        if each.file is not None:
            each.file.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    """A new file that its owner alone may read. Raises NotWritten."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(content)
    except OSError as error:
        message = _("{file} cannot be written: {reason}")
        raise NotWritten(message.format(file=file, reason=error.strerror or error)) from error
