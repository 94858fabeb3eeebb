"""Reports of a period out of its receipts, against the same said in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sync.decisions import Returned
from sync.notices.facts import Reports, reports_of
from sync.periods import Period, due_moment
from sync.schools import School
from tests.fakes.offices import ZONE

BEGIN = datetime(2025, 1, 10, tzinfo=UTC)
LAST_DAY = date(2025, 1, 15)
DUE, MORE = due_moment(date(2025, 1, 22), ZONE), due_moment(date(2025, 1, 27), ZONE)
PERIOD = Period("2024-2025/HK1", "Học kỳ 1", LAST_DAY, LAST_DAY, DUE, extensions={"T02": MORE})
SCHOOLS = tuple(School(f"T0{number}", f"Trường {number}", "TH") for number in (1, 2, 3))


@dataclass(frozen=True)
class Receipt:
    school: str | None
    sha256: str
    status: str
    received_at: datetime
    taken_at: datetime
    returned: Returned | None = None


_MOMENTS = st.integers(0, 40).map(lambda hours: BEGIN + timedelta(hours=hours, microseconds=hours))
_RECEIPTS = st.lists(
    st.builds(
        Receipt,
        st.sampled_from(["T01", "T02", "T03", "GONE", None]),
        st.integers(0, 10**9).map(lambda number: f"{number:064x}"),
        st.sampled_from(["accepted", "to_mend", "refused"]),
        _MOMENTS,
        _MOMENTS,
        st.none() | st.builds(Returned, st.just("Sai số liệu."), st.just(BEGIN), st.none(), st.integers(1, 9)),
    ),
    unique_by=lambda receipt: receipt.sha256,
    max_size=15,
)


def frame_of(receipts: list[Receipt]) -> pd.DataFrame:
    texts = {name: pd.Series([getattr(each, name) for each in receipts], dtype="str") for name in TEXTS}
    utc = pd.DatetimeTZDtype("us", "UTC")
    return pd.DataFrame(
        {
            **texts,
            **{name: pd.Series([getattr(each, name) for each in receipts], dtype=utc) for name in MOMENTS},
            "returned": pd.Series([each.returned for each in receipts], dtype=object),
        }
    )


TEXTS, MOMENTS = ("school", "sha256", "status"), ("received_at", "taken_at")


def made(receipts: list[Receipt], excused: frozenset[str] = frozenset()) -> Reports:
    return reports_of(PERIOD, SCHOOLS, frame_of(receipts), excused)


def moments(array: np.ndarray[Any, Any]) -> list[datetime | None]:
    assert str(array.dtype) == "datetime64[us]"
    return [None if each is None else each.replace(tzinfo=UTC) for each in array.tolist()]


@given(_RECEIPTS)
def test_first_accepted_and_newest_are_those_of_each_school(receipts: list[Receipt]) -> None:
    reports = made(receipts)
    for place, school in enumerate(SCHOOLS):
        mine = sorted(
            (each for each in receipts if each.school == school.code), key=lambda each: (each.received_at, each.sha256)
        )
        usable = [each for each in mine if each.status != "refused"]
        accepted = [each for each in usable if each.status == "accepted"]
        newest = mine[-1] if mine else None
        assert moments(reports.received_at)[place] == (usable[0].received_at if usable else None)
        assert moments(reports.accepted_at)[place] == (accepted[0].received_at if accepted else None)
        assert moments(reports.taken_at)[place] == (newest.taken_at if newest else None)
        assert reports.sha256[place] == (newest.sha256 if newest else None)
        assert reports.status[place] == (newest.status if newest else None)
        back = usable[-1] if usable and usable[-1].returned else None
        assert reports.returned[place] == (back.returned if back else None)
        assert reports.report[place] == (back.sha256 if back else None)


@given(_RECEIPTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(receipts: list[Receipt], chance: Any) -> None:
    shuffled = list(receipts)
    chance.shuffle(shuffled)
    one, other = made(receipts), made(shuffled)
    for name in ("received_at", "accepted_at", "taken_at", "sha256", "status", "excused", "due", "returned", "report"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_each_school_has_its_own_due_moment() -> None:
    assert made([]).due.tolist() == [int(due.timestamp()) for due in (DUE, MORE, DUE)]


def test_only_excused_schools_are_excused() -> None:
    assert made([], frozenset({"T03", "GONE"})).excused.tolist() == [False, False, True]


def test_a_refused_file_is_the_newest_receipt_and_no_report() -> None:
    reports = made([Receipt("T01", "a" * 64, "refused", BEGIN, BEGIN)])
    assert (reports.status[0], moments(reports.received_at)[0]) == ("refused", None)


def test_an_office_without_schools_has_no_reports() -> None:
    reports = reports_of(PERIOD, (), frame_of([]), frozenset())
    assert [len(array) for array in (reports.received_at, reports.sha256, reports.excused, reports.due)] == [0] * 4
