"""A sealed period set up again: an office in a folder of its own, whose ledger and archive hold what was sealed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.archive import Archive
from sync.config import Settings
from sync.control import Control
from sync.intake.reading import Reading
from sync.office import OpenOffice
from sync.progress import Progress, silent
from sync.sealing.manifest import PLAN
from sync.workspace import Workspace

if TYPE_CHECKING:
    from sync.ledger import Ledger, Verdict
    from sync.sealing.parts import Parts


Vouch = Callable[[Reading], bool]
"""Whether the seal that was read is the office's."""


@dataclass(frozen=True)
class SealedOffice(OpenOffice):
    """An office out of sealed parts. Whether a workbook's seal is good it is told: it has no secret to find out."""

    as_used: Control = field(default_factory=Control)
    vouch: Vouch = lambda _reading: False

    @cached_property
    def control(self) -> Control:
        return self.as_used

    def is_sealed(self, reading: Reading) -> bool:
        return self.vouch(reading)


class Witness:
    """Asks the office for each seal while a period is sealed, and keeps the answers."""

    def __init__(self, office: OpenOffice) -> None:
        self._office = office
        self.answers: dict[str, bool] = {}

    def __call__(self, reading: Reading) -> bool:
        return self.answers.setdefault(claim_of(reading), self._office.is_sealed(reading))


def claim_of(reading: Reading) -> str:
    """What a workbook says of itself, as one text: all that its seal depends on, and the seal."""
    parts = (reading.plan, reading.template_version, reading.school, reading.period, reading.seal)
    return json.dumps(parts, ensure_ascii=False)


@dataclass(frozen=True)
class Restored:
    """A sealed period set up again. other_verdicts: names of files that are judged otherwise than when sealed."""

    office: OpenOffice
    ledger: Ledger
    other_verdicts: Sequence[str]


@contextmanager
def restored(parts: Parts, folder: Path, vouch: Vouch | None = None, progress: Progress = silent) -> Iterator[Restored]:
    """The period of `parts` in the empty `folder`: its receipts read and judged again, all else as it was sealed.

    `vouch` says whether a workbook's seal is good; without it what was sealed says so.
    """
    from sync.ledger import Ledger

    office = _office(parts, folder, vouch or (lambda reading: parts.seals.get(claim_of(reading), False)))
    with Ledger.open(office.ledger_url) as ledger:
        verdicts = _verdicts(office, parts, progress)
        ledger.restore(parts.rows, verdicts)
        rows = {row["id"]: row for row in parts.rows["receipt"]}
        other = [rows[at]["path"] for at, verdict in verdicts.items() if not _agrees(verdict, rows[at])]
        yield Restored(office.informed(ledger), ledger, other)


def _office(parts: Parts, folder: Path, vouch: Vouch) -> SealedOffice:
    workspace = Workspace(folder)
    workspace.state.mkdir(parents=True)
    plan_file = folder / PLAN
    plan_file.write_bytes(parts.plan.encode())
    if parts.templates:
        workspace.report_templates.mkdir()
    for name, content in parts.templates.items():
        (workspace.report_templates / name).write_bytes(content)
    settings = Settings.model_validate_json(json.dumps({**parts.settings, "plan": str(plan_file)}))
    return SealedOffice(workspace, settings, parts.now, chosen=True, as_used=parts.control, vouch=vouch)


def _verdicts(office: OpenOffice, parts: Parts, progress: Progress) -> dict[int, Verdict]:
    """The verdicts on the sealed contents, by the id of the receipt, each as one of the plan that judged it then."""
    from sync import taking
    from sync.ledger import frames

    rows = [row for row in parts.rows["receipt"] if row["sha256"] in parts.receipts]
    with Archive(office.workspace.archive).batch() as batch:
        for row in rows:
            batch.put(parts.receipts[row["sha256"]], row["suffix"])
    values = [[row[_COLUMNS.get(name, name)] for name in frames.RECEIPTS] for row in rows]
    verdicts = taking.judge_again(office, frames.frame(values, frames.RECEIPTS), progress)
    return {row["id"]: replace(verdicts[row["sha256"]], plan_digest=row["plan_digest"]) for row in rows}


_COLUMNS = {"receipt_id": "id"}
_COMPARED = ("status", "school", "period", "rows_read", "rows_accepted", "rows_rejected", "rows_blank")


def _agrees(verdict: Verdict, row: Mapping[str, Any]) -> bool:
    return all(getattr(verdict, name) == row[name] for name in _COMPARED)
