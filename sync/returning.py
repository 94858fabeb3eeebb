"""Returning: each school's workbook back into `tra-lai/`, with the verdict in it, written only where that changed."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from sync import __version__
from sync.archive import Archive, NotArchivedError
from sync.facts import PeriodReceipts
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.periods import Period
from sync.progress import Progress, silent
from sync.schools import School
from sync.sources import GOOGLE
from sync.text import collapse
from sync.workspace import write_atomically

if TYPE_CHECKING:
    from sync.ledger import Ledger
    from sync.outputs.returned import ReceiptNote, ReturnedFinding

Kind = Literal["report", "refused"]

_REFUSED = " (tệp không nhận được)"
"""Ends the name of the workbook about a file that could not be used."""
_BETWEEN = " - "
_SUFFIXES = (".xlsx", ".xlsm")
_NAME_LENGTH = 80
_FORBIDDEN = frozenset('<>:"/\\|?*')


@dataclass
class Returned:
    """What was written, relative to the workspace, and what the officer is to know."""

    written: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Copy:
    """A verdict that a school is to have; `stem` is the copy's path in the workspace without its suffix.

    source: where the file lies that the verdict is on; a Google Sheet gets it into itself and no copy.
    """

    kind: Kind
    school: School
    stem: str
    sha256: str
    file: str
    note: ReceiptNote
    findings: Sequence[ReturnedFinding]
    fingerprint: str
    source: str


def return_copies(
    office: OpenOffice,
    ledger: Ledger,
    receipts: PeriodReceipts,
    findings: pd.DataFrame,
    accepted_at: Mapping[int, datetime] | None = None,
    progress: Progress = silent,
) -> Returned:
    """Writes the copies of a period that are out of date: for each school its newest report, where that is in sight.

    A file refused since then gets a workbook of findings beside it. `findings` are those of period_findings, in
    Vietnamese. `accepted_at` is when each receipt was judged, by its id; the moment it was received where that is not
    known. A copy that still holds costs no look at the received file. Raises OSError where nothing can be written.
    """
    folder = f"{office.workspace.returned.name}/{receipts.period.key.replace('/', '-')}"
    verdicts = due_verdicts(office, receipts, findings, accepted_at)
    due = [copy for copy in verdicts if copy.source != GOOGLE]
    known = {path: output for path, output in ledger.outputs().items() if path.startswith(f"{folder}/")}
    there = _files(office, folder) if known else set()
    returned, outputs = Returned(), list[Output]()
    waiting = [copy for copy in due if not _holds(copy, known, there)]
    for done, copy in enumerate(waiting):
        progress(_("Returning workbooks"), done, len(waiting))
        output = _write(office, receipts.period, copy, returned)
        if output:
            outputs.append(output)
    if waiting:
        progress(_("Returning workbooks"), len(waiting), len(waiting))
    gone = _clear(office, due, known, {output.path for output in outputs}, there)
    if outputs or gone:
        ledger.record_outputs(outputs, gone)
    return returned


def returned_files(office: OpenOffice, ledger: Ledger, period: Period) -> dict[tuple[str, Kind], str]:
    """The copies of a period that lie in the folder: their paths in the workspace, by school code and kind."""
    folder = f"{office.workspace.returned.name}/{period.key.replace('/', '-')}/"
    return {_whose(path): path for path in sorted(ledger.outputs()) if path.startswith(folder)}


def due_verdicts(
    office: OpenOffice,
    receipts: PeriodReceipts,
    findings: pd.DataFrame,
    accepted_at: Mapping[int, datetime] | None = None,
) -> Iterator[Copy]:
    """The verdicts that the schools of a period are to have; see return_copies."""
    folder = f"{office.workspace.returned.name}/{receipts.period.key.replace('/', '-')}"
    told = _by_receipt(findings)
    versions = receipts.receipts.groupby("school").cumcount() + 1
    numbered = dict(zip(receipts.receipts["id"].tolist(), versions.tolist(), strict=True))
    counted = {row.school: numbered[row.id] for row in _rows(receipts.counted)}
    shared = repr((__version__, receipts.period.title, office.settings.office, office.plan.digest))
    for kind, row in _chosen(office, receipts):
        school = office.control.schools.by_code[row.school].at(receipts.period.ends_on)
        stem = f"{folder}/{school.code}{_BETWEEN}{_safe(school.name)}{_REFUSED if kind == 'refused' else ''}"
        note = _note(office, row, numbered.get(row.id), counted.get(row.school), accepted_at or {})
        words = tuple(told.get(row.id, ()))
        parts = (shared, kind, school.name, row.sha256, row.path, note, words)
        fingerprint = hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
        yield Copy(kind, school, stem, row.sha256, row.path, note, words, fingerprint, row.source)


def _chosen(office: OpenOffice, receipts: PeriodReceipts) -> Iterator[tuple[Kind, Any]]:
    """The receipts that are answered: per school its newest report, and its last refused file if that came later."""
    schools = office.control.schools.by_code
    is_refused = receipts.receipts["status"] == "refused"
    reports = {row.school: row for row in _rows(receipts.receipts[~is_refused])}
    refused: dict[str, Any] = {}
    for row in _rows(pd.concat([receipts.lost, receipts.receipts[is_refused]])):
        report, last = reports.get(row.school), refused.get(row.school)
        if row.in_sight and all(each is None or _time(row) > _time(each) for each in (report, last)):
            refused[row.school] = row
    for code in sorted(schools.keys() & (reports.keys() | refused.keys())):
        if code in reports and reports[code].in_sight:
            yield "report", reports[code]
        if code in refused:
            yield "refused", refused[code]


def _rows(receipts: pd.DataFrame) -> Iterable[Any]:
    columns = ["id", "sha256", "source", "path", "school", "status", "received_at", "in_sight"]
    return receipts[columns].itertuples(index=False)


def _time(row: Any) -> tuple[datetime, int]:
    return row.received_at, row.id


def _note(
    office: OpenOffice, row: Any, version: int | None, counted: int | None, accepted_at: Mapping[int, datetime]
) -> ReceiptNote:
    from sync.outputs.returned import ReceiptNote

    received = row.received_at.to_pydatetime()
    accepted = accepted_at.get(row.id, received) if row.status == "accepted" else None
    return ReceiptNote(
        received_at=received.astimezone(office.zone),
        status=row.status,
        version=version,
        accepted_at=accepted.astimezone(office.zone) if accepted else None,
        counted=counted if accepted is None else None,
    )


def _by_receipt(findings: pd.DataFrame) -> dict[int, list[ReturnedFinding]]:
    from sync.outputs.returned import ReturnedFinding

    told: dict[int, list[ReturnedFinding]] = defaultdict(list)
    # Missing texts may be None or NaN, by where the rows come from.
    frame = findings[["receipt", *ReturnedFinding._fields]].astype(object)
    for receipt, *parts in frame.where(frame.notna(), None).itertuples(index=False, name=None):
        told[receipt].append(ReturnedFinding(*parts))
    return told


def _files(office: OpenOffice, folder: str) -> set[str]:
    """The paths of the files in `folder`, in the form in which the ledger has them."""
    place = office.workspace.path / folder
    names = (entry.name for entry in place.iterdir()) if place.is_dir() else ()
    return {f"{folder}/{unicodedata.normalize('NFC', name)}" for name in names}


def _paths(copy: Copy) -> list[str]:
    return [copy.stem + suffix for suffix in _SUFFIXES]


def _holds(copy: Copy, known: Mapping[str, Output], there: set[str]) -> bool:
    return any(path in known and known[path].fingerprint == copy.fingerprint and path in there for path in _paths(copy))


def _write(office: OpenOffice, period: Period, copy: Copy, returned: Returned) -> Output | None:
    """Writes one copy; gives what the ledger is to remember, nothing where the old copy is held by another program."""
    content, suffix = _content(office, period, copy)
    path = office.workspace.path / (copy.stem + suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = write_atomically(path, content)
    name = written.relative_to(office.workspace.path).as_posix()
    returned.written.append(name)
    if written == path:
        return Output(name, copy.fingerprint, office.now)
    told = _("{old} is open in another program; the new workbook is {new}.")
    returned.notes.append(told.format(old=copy.stem + suffix, new=name))
    return None


def _content(office: OpenOffice, period: Period, copy: Copy) -> tuple[bytes, str]:
    """The copy and its suffix: the received file with the verdict, else a workbook of the findings alone."""
    from sync.outputs import returned
    from sync.outputs.findings_workbook import findings_workbook

    if copy.kind == "report":
        try:
            received = Archive(office.workspace.archive).path(copy.sha256).read_bytes()
            return returned.patched(received, copy.findings, copy.note), returned.suffix(received)
        except (returned.NotPatchable, NotArchivedError):
            pass
    name = PurePosixPath(copy.file).name
    settings = office.settings.office
    book = findings_workbook(copy.findings, copy.school, period, copy.note, office.plan, settings, name)
    return book, ".xlsx"


def _clear(
    office: OpenOffice, due: Sequence[Copy], known: Mapping[str, Output], written: set[str], there: set[str]
) -> list[str]:
    """Removes copies that newer ones replace under another name; gives their paths.

    Only what this program wrote, of schools that have a copy now: under the school's old name, with another suffix,
    or about a refused file that a report has followed.
    """
    lasting = {path for copy in due for path in _lasting(copy, written)}
    answered = {(copy.school.code, copy.kind) for copy in due}
    followed = {(copy.school.code, "refused") for copy in due if copy.kind == "report"}
    old = [path for path in sorted(set(known) - lasting) if _whose(path) in answered | followed]
    return [path for path in old if _remove(office, path, there)]


def _lasting(copy: Copy, written: set[str]) -> list[str]:
    """Where the copy lies: where it was written now, else wherever it lay before."""
    return [path for path in _paths(copy) if path in written] or _paths(copy)


def _whose(path: str) -> tuple[str, Kind]:
    """School code and kind of a copy, by its name: codes have no spaces."""
    name = PurePosixPath(path)
    kind: Kind = "refused" if name.stem.endswith(_REFUSED) else "report"
    return name.name.partition(_BETWEEN)[0], kind


def _remove(office: OpenOffice, path: str, there: set[str]) -> bool:
    """Removes a file; whether it is gone. One that is open in Excel stays until a later pass."""
    if path not in there:
        return True
    try:
        (office.workspace.path / path).unlink(missing_ok=True)
    except PermissionError:
        return False
    return True


def _safe(name: str) -> str:
    """`name` as a part of a file name that every system takes."""
    text = "".join("-" if sign in _FORBIDDEN or not sign.isprintable() else sign for sign in collapse(name))
    return text[:_NAME_LENGTH].strip(" .") or "-"
