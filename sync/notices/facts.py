"""What is known when notices are looked for, as plain values and arrays: facts, and what was told already."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync.notices.stages import Rhythm
from sync.periods import Period
from sync.schools import School
from sync.working_days import WorkingDays

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Reports:
    """The schools that owe a report of one period, and what came from each. Arrays run along `schools`.

    received_at, accepted_at: when the first report came, and the first accepted one. taken_at: when the newest receipt
    is to be answered: when a pass took it in, or later (datetime64[us], UTC, NaT: never, or there is none). sha256,
    status: of the newest receipt (object, None). excused: owes nothing (bool). due: seconds since 1970 until each
    school's own due moment (int64). returned: the Returned by which the office gives the newest report back, report:
    its SHA-256 (object, None where it is not given back).
    """

    schools: tuple[School, ...]
    received_at: np.ndarray[Any, Any]
    accepted_at: np.ndarray[Any, Any]
    taken_at: np.ndarray[Any, Any]
    sha256: np.ndarray[Any, Any]
    status: np.ndarray[Any, Any]
    excused: np.ndarray[Any, Any]
    due: np.ndarray[Any, Any]
    returned: np.ndarray[Any, Any]
    report: np.ndarray[Any, Any]


@dataclass(frozen=True)
class Watched:
    """A period that may owe notices. `on_demand`: a dispatch asks for it, so that it is announced."""

    period: Period
    reports: Reports | None = None
    """None where schools do not report."""
    on_demand: bool = False
    reminders_fit: bool = True


@dataclass(frozen=True)
class Facts:
    """Everything that notices depend on but the moment and what was told."""

    periods: tuple[Watched, ...]
    days: WorkingDays
    rhythm: Rhythm
    copy_head_after: int = 3
    copy_chief_after: int = 7
    officer: tuple[str, ...] = ()
    chief: tuple[str, ...] = ()
    troubles: int = 0
    """How many jobs of the service failed lately."""
    up_to_date: bool = True
    """Whether everything that lies in the sources is taken in; else nobody is told to be late."""
    unsure: frozenset[str] = frozenset()
    """Codes of schools of which that is not known."""


@dataclass(frozen=True)
class Memory:
    """What was told. keys: of all notices that are settled. told: the due moment each school was told last."""

    keys: Set[str] = frozenset()
    told: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    last_digest: datetime | None = None
    letters_since: int = 0
    """Letters that left or failed since the last digest."""


def reports_of(period: Period, schools: tuple[School, ...], receipts: pd.DataFrame, excused: Set[str]) -> Reports:
    """The reports of `schools` in `period`.

    `receipts` are of this period: school, sha256, status (str), received_at, taken_at (datetime64[us, UTC]), returned
    (object, see sync.decisions.effects).
    """
    import numpy as np
    import pandas as pd

    codes = pd.Index([school.code for school in schools])
    ordered = receipts.sort_values(["received_at", "sha256"])
    usable = ordered[ordered["status"] != "refused"]
    first = usable.drop_duplicates("school").set_index("school")["received_at"]
    accepted = usable[usable["status"] == "accepted"].drop_duplicates("school").set_index("school")["received_at"]
    newest = ordered.drop_duplicates("school", keep="last").set_index("school").reindex(codes)
    reports = usable.drop_duplicates("school", keep="last").set_index("school")
    back = reports[reports["returned"].notna()].reindex(codes)
    dues = [period.due_for(school.code) for school in schools]
    return Reports(
        schools,
        received_at=_utc(first.reindex(codes)),
        accepted_at=_utc(accepted.reindex(codes)),
        taken_at=_utc(newest["taken_at"]),
        sha256=_objects(newest["sha256"]),
        status=_objects(newest["status"]),
        excused=codes.isin(list(excused)),
        due=np.array([int(due.timestamp()) if due else 0 for due in dues], dtype="int64"),
        returned=_objects(back["returned"]),
        report=_objects(back["sha256"]),
    )


def _objects(values: pd.Series) -> np.ndarray[Any, Any]:
    return values.astype(object).where(values.notna(), None).to_numpy()


def _utc(moments: pd.Series) -> np.ndarray[Any, Any]:
    import pandas as pd

    return pd.DatetimeIndex(pd.to_datetime(moments, utc=True)).tz_localize(None).to_numpy(dtype="datetime64[us]")
