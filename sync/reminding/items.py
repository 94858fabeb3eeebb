"""Notices → what their letters say: names, findings in Vietnamese, the workbooks that go with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from sync import i18n, returning
from sync.checks.catalogue import wording
from sync.decisions import Returned
from sync.decisions.effects import on_one_line
from sync.i18n import gettext as _
from sync.i18n import mark
from sync.landmarks import META_SHEET
from sync.letters.content import Attachment, Item, Mend
from sync.notices import Kind, Notice
from sync.office import OpenOffice
from sync.periods import Period
from sync.schools import School

if TYPE_CHECKING:
    from sync.ledger import Ledger

MOST_FINDINGS = 25
"""A letter is read on a telephone too; the rest stands in the returned copy."""
MOST_BYTES = 8 << 20
"""Larger workbooks are not sent along: many mailboxes refuse letters over 10 MB."""
WHOLE_FILE = mark("The whole file")
_ANSWERS: tuple[Kind, ...] = ("to_mend", "returned")


class _Sent(NamedTuple):
    """What a school sent of one period: its newest receipt, whether one is accepted, when the first report came.

    report: its newest receipt that is not refused; the newest one where all are.
    """

    newest: Mapping[str, Any]
    report: Mapping[str, Any]
    accepted: bool
    first: pd.Timestamp | None


@dataclass
class Items:
    """Makes items of notices; what several of them need is looked up once. `receipts` as Gathered has them."""

    office: OpenOffice
    ledger: Ledger
    receipts: pd.DataFrame
    with_files: bool = True
    """Whether workbooks are attached; subjects do not need them."""
    _returned: dict[str, Mapping[tuple[str, returning.Kind], str]] = field(default_factory=dict)

    def of(self, notices: Sequence[Notice]) -> list[Item]:
        """One item for each notice."""
        sent = self._sent({(each.school, each.period) for each in notices if each.state in ("to_mend", "accepted")})
        findings = self._findings([each.newest for each in sent.values()] + [each.report for each in sent.values()])
        answered = {(each.school, each.period) for each in notices if each.kind in _ANSWERS}
        return [
            # What has to be mended is told once, in the answer to the report, not again in the reminder beside it.
            self._item(notice, sent.get(key), {} if notice.kind not in _ANSWERS and key in answered else findings)
            for notice in notices
            if (key := (notice.school, notice.period))
        ]

    def for_letter(self, notices: Sequence[Notice], addresses: Collection[str]) -> list[Item]:
        """The items of a letter to `addresses`: workbooks go to the schools' own, and never more than MOST_BYTES."""
        items, room = [], MOST_BYTES
        for item in self.of(notices):
            own = set(addresses) & set(item.notice.to)
            size = sum(len(attachment.content) for attachment in item.attachments)
            if item.attachments and (not own or size > room):
                item = replace(item, attachments=(), too_large=bool(own))  # noqa: PLW2901
                size = 0
            room -= size
            items.append(item)
        return items

    def _sent(self, asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], _Sent]:
        if not asked:
            return {}
        receipts = self.receipts[self.receipts["school"].isin({school for school, _period in asked})]
        ordered = receipts.sort_values(["received_at", "sha256"])
        sent: dict[tuple[str, str], _Sent] = {}
        for key, group in ordered.groupby(["school", "period"], sort=False):
            school, period = map(str, key)
            if (school, period) in asked:
                reports = group[group["status"] != "refused"]
                newest, report = _row(group), _row(reports if len(reports) else group)
                accepted = bool((group["status"] == "accepted").any())
                first = reports["received_at"].iloc[0] if len(reports) else None
                sent[school, period] = _Sent(newest, report, accepted, first)
        return sent

    def _findings(self, receipts: Sequence[Mapping[str, Any]]) -> dict[int, list[Mend]]:
        """What is wrong in each of `receipts`, by its id; why the office gives it back comes first."""
        if not receipts:
            return {}
        found = self.ledger.findings(each["receipt_id"] for each in receipts)
        told: dict[int, list[Mend]] = {}
        with i18n.using("vi"):
            for receipt in receipts:
                if receipt["returned"] is not None:
                    told[receipt["receipt_id"]] = [self._given_back(receipt["returned"])]
            for row in found.sort_values(["receipt_id", "severity", "seq"]).to_dict("records"):
                message, fix = wording(row["code"], row["params"], self.office.plan)
                place = ", ".join(filter(None, (row["sheet"], row["cell"] and f"ô {row['cell']}"))) or _(WHOLE_FILE)
                told.setdefault(row["receipt_id"], []).append(Mend(place, message, fix, row["severity"] == "error"))
        return told

    def _given_back(self, returned: Returned) -> Mend:
        message, fix = wording("returned-by-office", {"reason": on_one_line(returned.reason)}, self.office.plan)
        return Mend(_(WHOLE_FILE), message, fix)

    def _item(self, notice: Notice, sent: _Sent | None, findings: Mapping[int, Sequence[Mend]]) -> Item:
        office = self.office
        period = office.control.periods.by_key.get(notice.period)
        school = self._school(notice.school, period)
        days = (notice.due.date() - notice.at.date()).days if notice.due else 0
        if sent is None or period is None:
            return Item(notice, school, period, days, attachments=self._blank(notice, period), link=_link(school))
        about = sent.report if notice.kind == "returned" else sent.newest
        returned: Returned | None = about["returned"] if notice.kind == "returned" else None
        told = findings.get(about["receipt_id"], [])
        attachments, too_large = self._answer(notice, period, about) if told else ((), False)
        # The letter says the reason by itself, before what else is to be mended.
        told = told[1:] if returned else told
        return Item(
            notice,
            school,
            period,
            days,
            file=PurePosixPath(about["path"]).name,
            received_at=about["received_at"].to_pydatetime().astimezone(office.zone),
            counts=sent.accepted and about["status"] != "accepted",
            findings=tuple(told[:MOST_FINDINGS]),
            more=max(len(told) - MOST_FINDINGS, 0),
            attachments=attachments,
            too_large=too_large,
            grace_until=self._grace(notice, sent),
            link=_link(school),
            refused=about["status"] == "refused",
            marked=all(_is_the_schools(attachment) for attachment in attachments),
            reason=on_one_line(returned.reason) if returned else "",
        )

    def _school(self, code: str, period: Period | None) -> School | None:
        """The school as it stood in the period that the letter is about."""
        school = self.office.control.schools.by_code.get(code)
        return school.at(period.ends_on) if school and period else school

    def _blank(self, notice: Notice, period: Period | None) -> tuple[Attachment, ...]:
        """The school's empty workbook, where it was written: a missing report is often a mislaid workbook."""
        if period is None or notice.state != "missing" or not self.with_files:
            return ()
        path = self.office.workspace.templates / period.key.replace("/", "-") / f"{notice.school}.xlsx"
        return _attached(path)[0]

    def _answer(
        self, notice: Notice, period: Period, receipt: Mapping[str, Any]
    ) -> tuple[tuple[Attachment, ...], bool]:
        """The returned copy, of a report that has to be mended."""
        if notice.state != "to_mend" or not self.with_files:
            return (), False
        if period.key not in self._returned:
            self._returned[period.key] = returning.returned_files(self.office, self.ledger, period)
        kind: returning.Kind = "refused" if receipt["status"] == "refused" else "report"
        path = self._returned[period.key].get((notice.school, kind))
        return _attached(self.office.workspace.path / path) if path else ((), False)

    def _grace(self, notice: Notice, sent: _Sent) -> datetime | None:
        """Until when a report that came in time can be mended without being late."""
        if notice.due is None or notice.state != "to_mend" or sent.first is None:
            return None
        until = notice.due + timedelta(days=self.office.settings.deadlines.grace_days)
        # A due moment is a whole second, and all of that second is in time.
        in_time = sent.first.floor("s") <= pd.Timestamp(notice.due)
        return until if in_time and notice.at <= until else None


def _row(receipts: pd.DataFrame) -> Mapping[str, Any]:
    """The last of `receipts`."""
    return {str(name): value for name, value in receipts.iloc[-1].items()}


def _link(school: School | None) -> str:
    return f"https://docs.google.com/spreadsheets/d/{school.spreadsheet}" if school and school.spreadsheet else ""


def _is_the_schools(attachment: Attachment) -> bool:
    """Whether it is the school's own workbook, rather than one of findings alone: only that has the hidden sheet."""
    with zipfile.ZipFile(io.BytesIO(attachment.content)) as package:
        return f'"{META_SHEET}"'.encode() in package.read("xl/workbook.xml")


def _attached(path: Path) -> tuple[tuple[Attachment, ...], bool]:
    """The file as an attachment, and whether it is too large for one; nothing where it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return (), True
        return (Attachment(path.name, path.read_bytes()),), False
    except OSError:
        return (), False
