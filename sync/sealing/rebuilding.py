"""The outputs of a sealed period, made again from its parts alone."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sync.config import Office
from sync.periods import Period
from sync.plan import Plan
from sync.progress import Progress, silent
from sync.sealing.manifest import DIFFERENCE, DIFFERENCE_WORKBOOK
from sync.sealing.package import UNSOUND
from sync.sealing.parts import Parts
from sync.sealing.restoring import Vouch, restored
from sync.sealing.state import State, difference, state_of

Sameness = Literal["bytes", "parts", "none"]


@dataclass(frozen=True)
class Rebuilt:
    """What the parts give: the workbook, the report in Word, and the figures in both.

    gaps: places of the report that are for a person to fill in. other_verdicts: names of files that are judged
    otherwise than when they were sealed.
    """

    workbook: bytes
    report: bytes
    gaps: int
    state: State
    other_verdicts: Sequence[str]
    plan: Plan
    office: Office
    period: Period

    def difference(self, before: State, now: datetime) -> dict[str, bytes]:
        """What an addendum of `now` says of its difference from what was sealed before, as files by name."""
        from sync.outputs.difference_workbook import difference_workbook

        found = difference(before, self.state)
        workbook = difference_workbook(self.plan, self.office, self.period, now, found)
        return {DIFFERENCE: found.as_bytes(), DIFFERENCE_WORKBOOK: workbook}


def rebuild(parts: Parts, number: int, vouch: Vouch | None = None, progress: Progress = silent) -> Rebuilt:
    """Reads and judges the sealed receipts again and builds the outputs, in a folder that lasts no longer than that.

    `number` is that of the seal or addendum. For `vouch` see sync.sealing.restoring.
    """
    from sync import building, drawing_up
    from sync.consolidate import Outlook

    with _scratch() as folder, restored(parts, folder / "workspace", vouch, progress) as back:
        office, ledger = back.office, back.ledger
        period = office.period(parts.period)
        last = ledger.last_run()
        # Nobody is written to about a sealed period, so nothing is announced in it.
        outlook = Outlook(last.id if last else None)
        workbook = building.workbook_of(office, ledger, period, outlook, _note(parts, number))
        report, gaps = drawing_up.render(office, ledger, period)
        state = state_of(office, ledger, period)
        known = (office.plan, office.settings.office, period)
        return Rebuilt(workbook, report, gaps, state, back.other_verdicts, *known)


def _note(parts: Parts, number: int) -> str:
    """What the workbook says of its seal, in Vietnamese."""
    addendum = f", bổ sung số {number}" if number else ""
    return f"Số liệu đã được niêm phong lúc {parts.now:%H:%M} ngày {parts.now:%d/%m/%Y}{addendum}."


def sameness(one: bytes, other: bytes) -> Sameness:
    """How far two .xlsx or .docx are the same: to the byte, in all their parts (packed otherwise), or not."""
    if one == other:
        return "bytes"
    return "parts" if _parts(one) == _parts(other) is not None else "none"


def _parts(content: bytes) -> Mapping[str, bytes] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except UNSOUND:
        return None


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="baocao-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
