"""Where each school stands in a period: a pure function of its receipts and one `now`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal, overload

from sync.i18n import mark
from sync.periods import Period
from sync.schools import Schools

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Standing = Literal["not_due", "due_soon", "missing", "to_mend", "on_time", "late", "excused"]

LABELS: Mapping[Standing, str] = {
    "not_due": mark("Not due"),
    "due_soon": mark("Due soon"),
    "missing": mark("Missing"),
    "to_mend": mark("To be mended"),
    "on_time": mark("On time"),
    "late": mark("Late"),
    "excused": mark("Excused"),
}
"""English source strings for the screen, in the order in which standings are listed."""


def standings(  # noqa: PLR0913 - facts, times and the officer's decisions
    schools: Schools,
    period: Period,
    receipts: pd.DataFrame,
    now: datetime,
    due_soon_days: int,
    grace_days: int,
    *,
    extensions: Mapping[str, datetime] | None = None,
    excused: Collection[str] = (),
) -> pd.DataFrame:
    """One row per school that owes a report of `period`, in the order of `schools`; none where schools do not report.

    `receipts` (of any schools and periods, in any order): id (int64), school, period, status ('accepted', 'to_mend',
    'refused') (str), received_at (datetime64[us, UTC]), errors, warnings (int64). What is received after `now` is not
    known yet. A refused file is a receipt but no report.

    A report is on time when the first one came by the due moment and the first accepted one at most `grace_days` after
    it. `extensions` (aware) replace the due moment of a school; schools in `excused` owe nothing.

    Gives code, name, level, unit, standing (str); due, received_at (of the first report), accepted_at (of the newest
    accepted one, which counts), first_accepted_at (datetime64[us, office time zone]); days_late, receipts, errors,
    warnings (int64; the last two of the newest receipt, refused or not). days_late counts office midnights between
    the due moment and now, or the first accepted report where there is one; 0 where nothing is late.
    """
    moment = _aware(now)
    frame = _owing(schools, period, extensions or {}).join(_facts(receipts, period, moment), on="code")
    zone = frame["due"].dt.tz
    for column in ("received_at", "accepted_at", "first_accepted_at"):
        frame[column] = frame[column].dt.tz_convert(zone)
    for column in ("receipts", "errors", "warnings"):
        frame[column] = frame[column].fillna(0).astype("int64")
    frame["standing"] = _standing(frame, moment, due_soon_days, grace_days, excused)
    frame["days_late"] = _days_late(frame, moment)
    return frame[_COLUMNS]


def valid_until(standings: pd.DataFrame, now: datetime, due_soon_days: int) -> datetime | None:
    """The moment until which `standings`, made at `now`, stay as they are while no fact is added; None for ever.

    `due_soon_days` is the one they were made with.
    """
    moment, standing, due = _aware(now), standings["standing"], standings["due"]
    overdue = standing.isin(["missing", "to_mend"]) & (_second(moment) > due)
    changes = [
        *_days_after(due[standing == "not_due"], -due_soon_days),
        *(due[standing.isin(["not_due", "due_soon", "to_mend"]) & ~overdue] + timedelta(seconds=1)),
        *([_next_midnight(moment, due.dt.tz)] if overdue.any() else []),
    ]
    return min(changes).to_pydatetime() if changes else None


@overload
def owing(
    received_at: pd.Series[Any], accepted_at: pd.Series[Any], now: pd.Timestamp
) -> tuple[pd.Series[bool], pd.Series[bool]]: ...


@overload
def owing(
    received_at: NDArray[np.datetime64], accepted_at: NDArray[np.datetime64], now: np.datetime64
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]: ...


def owing(received_at: Any, accepted_at: Any, now: Any) -> tuple[Any, Any]:
    """What is owed at `now`, due or not: masks of the schools that sent no report, and of those that have one to mend.

    `received_at` is the moment of each school's first report and `accepted_at` that of its first accepted one, missing
    (NaT) where there is none. Moments after `now` are not known yet. All three are of one kind: aware series and
    Timestamp, or arrays and a datetime64 in UTC. A school that is in neither mask owes nothing.
    """
    received, accepted = received_at <= now, accepted_at <= now
    return ~received, received & ~accepted


def counts(standings: pd.DataFrame) -> dict[Standing, int]:
    """How many schools stand where; every standing has its number, 0 included, and together they are all schools."""
    found = standings["standing"].value_counts()
    return {standing: int(found.get(standing, 0)) for standing in LABELS}


_COLUMNS = [
    *("code", "name", "level", "unit", "due", "standing", "received_at", "accepted_at", "first_accepted_at"),
    *("days_late", "receipts", "errors", "warnings"),
]


def _owing(schools: Schools, period: Period, extensions: Mapping[str, datetime]) -> pd.DataFrame:
    """code, name, level, unit and due (whole seconds) of the schools that report in `period`."""
    import pandas as pd

    due = period.schools_due
    owing = list(schools.reporting_in(period)) if due else []
    texts = pd.DataFrame(
        [(school.code, school.name, school.level, school.unit) for school in owing],
        columns=["code", "name", "level", "unit"],
        dtype="str",
    )
    zone = due.tzinfo if due else UTC
    usual = _second(_aware(due)) if due else None
    extended = {code: _second(_aware(moment)) for code, moment in extensions.items()}
    moments = [extended.get(school.code, usual) for school in owing]
    return texts.assign(due=pd.Series(moments, dtype=pd.DatetimeTZDtype("us", zone)))


def _facts(receipts: pd.DataFrame, period: Period, now: pd.Timestamp) -> pd.DataFrame:
    """What is known of the period's schools at `now`, indexed by school code."""
    import pandas as pd

    known = receipts[receipts["period"].eq(period.key) & (receipts["received_at"] <= now)]
    known = known.sort_values(["received_at", "id"])
    reports = known[known["status"] != "refused"].groupby("school")["received_at"]
    accepted = known[known["status"] == "accepted"].groupby("school")["received_at"]
    by_school = known.groupby("school")
    return pd.DataFrame(
        {
            "received_at": reports.first(),
            "accepted_at": accepted.last(),
            "first_accepted_at": accepted.first(),
            "receipts": by_school.size(),
            "errors": by_school["errors"].last(),
            "warnings": by_school["warnings"].last(),
        }
    )


def _standing(
    frame: pd.DataFrame, now: pd.Timestamp, due_soon_days: int, grace_days: int, excused: Collection[str]
) -> pd.Series:
    import numpy as np
    import pandas as pd

    due, accepted = frame["due"], frame["first_accepted_at"]
    missing, to_mend = owing(frame["received_at"], accepted, now)
    in_time = _by(frame["received_at"], due) & _by(accepted, _days_after(due, grace_days))
    cases: list[tuple[Standing, pd.Series]] = [
        ("excused", frame["code"].isin(list(excused))),
        ("on_time", ~missing & ~to_mend & in_time),
        ("late", ~missing & ~to_mend),
        ("to_mend", to_mend),
        ("missing", missing & (_second(now) > due)),
        ("due_soon", now >= _days_after(due, -due_soon_days)),
    ]
    names = np.select([mask for _, mask in cases], [name for name, _ in cases], default="not_due")
    return pd.Series(names, index=frame.index, dtype="str")


def _days_late(frame: pd.DataFrame, now: pd.Timestamp) -> pd.Series:
    # Before the due moment the difference is negative: not late.
    ends = frame["first_accepted_at"].fillna(now.tz_convert(frame["due"].dt.tz))
    days = (_day(ends) - _day(frame["due"])).dt.days
    owed = frame["standing"].isin(["missing", "to_mend", "late"])
    return days.where(owed, 0).clip(lower=0).astype("int64")


def _by(moments: pd.Series, limits: pd.Series) -> pd.Series:
    """Whether each moment is not after its limit. A limit is a whole second, and all of that second is in time."""
    in_time: pd.Series = moments.dt.tz_convert("UTC").dt.floor("s") <= limits
    return in_time


def _day(moments: pd.Series) -> pd.Series:
    """The midnight that each moment's day begins with, without its time zone."""
    midnights: pd.Series = moments.dt.tz_localize(None).dt.normalize()
    return midnights


def _days_after(moments: pd.Series, days: int) -> pd.Series:
    """The same hour by the office's clock, `days` later."""
    import numpy as np

    local = moments.dt.tz_localize(None) + timedelta(days=days)
    summer_time = np.ones(len(local), dtype=bool)
    moved: pd.Series = local.dt.tz_localize(moments.dt.tz, ambiguous=summer_time, nonexistent="shift_forward")
    return moved


def _next_midnight(now: pd.Timestamp, zone: tzinfo) -> pd.Timestamp:
    midnight = now.tz_convert(zone).tz_localize(None).normalize() + timedelta(days=1)
    return midnight.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")


def _second(moment: pd.Timestamp) -> pd.Timestamp:
    return moment.tz_convert("UTC").floor("s")


def _aware(moment: datetime) -> pd.Timestamp:
    import pandas as pd

    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return pd.Timestamp(moment)
