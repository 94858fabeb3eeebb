"""Taking in: what is new in a source is archived, read and judged, and becomes receipts; old verdicts are renewed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from sync.archive import Archive, Batch, NotArchivedError
from sync.checks.attempt import Failure
from sync.checks.judging import Judgement, judge
from sync.i18n import gettext as _
from sync.intake.guard import refuse_size
from sync.intake.reading import Observation, Reading
from sync.ledger import EntryRow, FindingRow, ReceiptRecord, Sighting, SightingChanges, Verdict
from sync.looking import Look
from sync.office import OpenOffice
from sync.plan import Table
from sync.progress import Progress, counting
from sync.sources import ADDIN, GOOGLE, Found, Source, moment, received_at
from sync.sources import addin as handed_in

if TYPE_CHECKING:
    from sync.intake.child import Intake
    from sync.ledger import Ledger


@dataclass
class Taken:
    """What goes into the ledger: new receipts, what is in sight, new verdicts by receipt id."""

    receipts: list[ReceiptRecord] = field(default_factory=list)
    changes: SightingChanges = field(default_factory=SightingChanges)
    rejudged: Mapping[int, Verdict] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Checks of ours that crashed."""
    unsettled: int = 0
    """Files that were still being written; the next pass takes them in."""
    failed: set[str] = field(default_factory=set)
    """The sources of which something could not be read."""


def take_in(office: OpenOffice, ledger: Ledger, looks: Sequence[Look], progress: Progress) -> Taken:
    """Archives, reads and judges what changed in the sources, and judges again what other settings had judged."""
    taken = Taken()
    archived = [(look.source, *kept) for look in looks for kept in _archive(office, look, taken)]
    known = ledger.known({sha256 for _source, _found, sha256 in archived})
    stale = _stale(office, ledger, taken)
    new = {sha256: _Kept(found.size, _bound(source.name, found.path)) for source, found, sha256 in archived}
    contents = {sha256: kept for sha256, kept in new.items() if sha256 not in known}
    contents |= {sha256: kept for sha256, (_id, kept) in stale.items()}
    verdicts, failures = _judge(office, dict(sorted(contents.items())), progress)
    taken.failures = [str(failure) for failure in failures]
    last_pass = {look.source.name: ledger.scanned_at(look.source.name) for look in looks}
    for source, found, sha256 in archived:
        if sha256 not in known:
            # Its time is our own clock's: a pass that just missed a submission does not make it later.
            since = None if source.name == ADDIN else last_pass[source.name]
            when = received_at(moment(found.mtime_ns), since, office.now)
            suffix = PurePosixPath(found.path).suffix
            taken.receipts.append(
                ReceiptRecord(sha256, found.size, suffix, source.name, found.path, when, verdicts[sha256])
            )
    seen = [Sighting(source.name, found.path, found.size, found.mtime_ns, sha) for source, found, sha in archived]
    gone = [(look.source.name, path) for look in looks for path in look.changes.gone]
    taken.changes = SightingChanges(seen, gone)
    taken.rejudged = {receipt_id: verdicts[sha256] for sha256, (receipt_id, _kept) in stale.items()}
    return taken


def judge_again(office: OpenOffice, receipts: pd.DataFrame, progress: Progress) -> dict[str, Verdict]:
    """The verdicts on archived contents by SHA-256, read and judged anew; nothing is recorded.

    `receipts` as Ledger.receipts gives them. A content over the size limit is only recognised. Raises NotArchivedError.
    """
    columns = ["sha256", "size", "source", "path"]
    rows = receipts[columns].itertuples(index=False, name=None)
    contents = {sha256: _Kept(int(size), _bound(source, path)) for sha256, size, source, path in rows}
    return _judge(office, dict(sorted(contents.items())), progress)[0]


class _Kept(NamedTuple):
    """An archived content: its size in bytes, and the school that its source is bound to, None for any."""

    size: int
    school: str | None


def _bound(source: str, path: str) -> str | None:
    """The school whose spreadsheet or submission it is: what it says of itself is checked against that."""
    if source == ADDIN:
        return handed_in.school_of(path)
    return PurePosixPath(path).stem if source == GOOGLE else None


def _archive(office: OpenOffice, look: Look, taken: Taken) -> list[tuple[Found, str]]:
    """Keeps the bytes of each changed file; gives the files that could be kept with their SHA-256.

    A file over the limit is not kept, only recognised: nobody fills a disk by sending films.
    """
    kept: list[tuple[Found, str]] = []
    with Archive(office.workspace.archive).batch() as batch:
        for found in look.changes.changed:
            try:
                sha256 = _keep(found, look.source, batch, office.limits.max_bytes)
            except OSError as error:
                reason = error.strerror or str(error)
                taken.problems.append(_("{place} cannot be read: {reason}").format(place=found.path, reason=reason))
                taken.failed.add(look.source.name)
                continue
            if sha256 is None:
                taken.unsettled += 1
            else:
                kept.append((found, sha256))
    return kept


def _keep(found: Found, source: Source, batch: Batch, limit: int) -> str | None:
    """The SHA-256 of a file that is kept now; None where it is still being written. Raises OSError."""
    if found.size > limit:
        return _digest(found)
    content = source.read(found)
    return batch.put(content, PurePosixPath(found.path).suffix) if content is not None else None


def _digest(found: Found) -> str:
    with Path(found.place).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stale(office: OpenOffice, ledger: Ledger, taken: Taken) -> dict[str, tuple[int, _Kept]]:
    """Receipts that other settings judged, with their ids, by SHA-256. One whose bytes are lost keeps its verdict.

    So does one that is sealed.
    """
    receipts = ledger.receipts()
    sealed = {key: sealing.last_receipt for key, sealing in office.sealed.items()}
    settled = receipts["receipt_id"] <= receipts["period"].map(sealed).fillna(0).astype("int64")
    old = receipts[(receipts["plan_digest"] != office.digest) & ~settled]
    archive, limit = Archive(office.workspace.archive), office.limits.max_bytes
    stale: dict[str, tuple[int, _Kept]] = {}
    columns = ["sha256", "receipt_id", "size", "source", "path"]
    for sha256, receipt_id, size, source, path in old[columns].itertuples(index=False, name=None):
        try:
            if size <= limit:
                archive.path(sha256)
            stale[sha256] = (int(receipt_id), _Kept(int(size), _bound(source, path)))
        except NotArchivedError as error:
            taken.problems.append(str(error))
    return stale


def _judge(
    office: OpenOffice, contents: Mapping[str, _Kept], progress: Progress
) -> tuple[dict[str, Verdict], tuple[Failure, ...]]:
    """The verdict on each archived content (by SHA-256), all judged at once; and what crashed."""
    if not contents:
        return {}, ()
    readings = _read(office, {sha256: kept.size for sha256, kept in contents.items()}, progress)
    for reading, kept in zip(readings, contents.values(), strict=True):
        _check_bound(reading, kept.school)
    progress(_("Judging"), 0, len(readings))
    judgement = judge(readings, office.context)
    verdicts = _verdicts(office, readings, judgement)
    progress(_("Judging"), len(readings), len(readings))
    return dict(zip(contents, verdicts, strict=True)), judgement.failures


def _check_bound(reading: Reading, school: str | None) -> None:
    """Refuses what was read from a school's own spreadsheet and says that it is another school's.

    What does not say whose it is (it was emptied) is that school's all the same, so that it can be told.
    """
    if school is None:
        return
    reading.school = reading.school or school
    if reading.school == school:
        return
    params = (("school", school), ("other", str(reading.school)))
    reading.observations[:] = [Observation("bound-to-other", value=reading.school, params=params)]
    reading.tables.clear()
    reading.refused, reading.school = True, school


def _read(office: OpenOffice, sizes: Mapping[str, int], progress: Progress) -> list[Reading]:
    """The readings of archived contents, in order of `sizes`; what is too large is not read."""
    from sync.intake.pool import read_files
    from sync.intake.spec import plan_spec

    limits, archive = office.limits, Archive(office.workspace.archive)
    refused = {sha256: refuse_size(size, limits) for sha256, size in sizes.items() if size > limits.max_bytes}
    paths = {sha256: archive.path(sha256) for sha256 in sizes if sha256 not in refused}
    specs = {office.plan.code: plan_spec(office.plan)}
    intakes = read_files(
        list(paths.values()),
        specs,
        limits,
        office.settings.intake.workers or None,
        counting(progress, _("Reading"), len(paths)),
    )
    readings = {sha256: _given(intake) for sha256, intake in zip(paths, intakes, strict=True)}
    return [refused.get(sha256) or readings[sha256] for sha256 in sizes]


def _given(intake: Intake) -> Reading:
    if intake.reading is None:
        raise OSError(_("{place} cannot be read: {reason}").format(place=intake.path, reason=intake.error))
    return intake.reading


def _verdicts(office: OpenOffice, readings: Sequence[Reading], judgement: Judgement) -> list[Verdict]:
    findings: list[list[FindingRow]] = [[] for _reading in readings]
    for receipt, *parts in judgement.findings.itertuples(index=False, name=None):
        findings[receipt].append(FindingRow(*parts))
    entries: list[list[EntryRow]] = [[] for _reading in readings]
    for table in office.plan.all_tables:
        for receipt, entry in _entry_rows(table, judgement.entries[table.id]):
            entries[receipt].append(entry)
    rows = judgement.receipts.to_dict("records")
    # What a crashed check did not look at is judged again by the next pass.
    digest = f"{office.digest}:unfinished" if judgement.failures else office.digest
    return [
        Verdict(
            status=row["status"],
            plan_digest=digest,
            school=reading.school,
            period=reading.period,
            plan=reading.plan,
            template_version=reading.template_version,
            **{name: int(row[name]) for name in ("rows_read", "rows_accepted", "rows_rejected", "rows_blank")},
            findings=found,
            entries=entered,
        )
        for reading, row, found, entered in zip(readings, rows, findings, entries, strict=True)
    ]


def _entry_rows(table: Table, frame: pd.DataFrame) -> list[tuple[int, EntryRow]]:
    """The filled rows of one table, each with the position of its receipt."""
    filled = frame[~frame["blank"]]
    ids = [column.id for column in table.columns]
    letters = zip(*(filled[f"{column}:letters"] for column in ids), strict=True)
    values = zip(*(_plain(filled[column]) for column in ids), strict=True)
    places = zip(filled["receipt"].tolist(), filled["row"], filled["sheet"], filled["number"].tolist(), strict=True)
    return [
        (
            receipt,
            EntryRow(
                table.id,
                row,
                sheet,
                _first_cell(columns, number),
                number,
                ",".join(each or "" for each in columns),
                dict(zip(ids, data, strict=True)),
            ),
        )
        for (receipt, row, sheet, number), columns, data in zip(places, letters, values, strict=True)
    ]


def _first_cell(letters: Sequence[str | None], number: int) -> str:
    return f"{next((each for each in letters if each), 'A')}{number}"


def _plain(values: pd.Series[Any]) -> list[Any]:
    """Values as the ledger takes them: None for what is missing, whole numbers without a fraction, dates as dates."""
    if values.dtype.kind == "f":
        return [None if isnan(value) else int(value) if value.is_integer() else value for value in values.tolist()]
    if values.dtype.kind == "M":
        return [None if pd.isna(value) else value.date() for value in values]
    return [value if isinstance(value, str) else None for value in values]
