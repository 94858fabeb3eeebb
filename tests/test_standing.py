from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import i18n, standing
from sync.periods import Period
from sync.schools import School, Schools
from sync.standing import LABELS, counts, owing, standings, valid_until

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DUE = datetime(2025, 1, 22, 23, 59, 59, tzinfo=ZONE)
HK1 = Period("2024-2025/HK1", "Học kỳ I", date(2024, 9, 5), date(2025, 1, 17), DUE)
SOON, GRACE = 14, 5
SCHOOL = Schools((School("TH01", "Tiểu học 1", "TH", "Mỹ An"),))

Receipt = tuple[str, str]
"""A receipt: when (office time), and its status."""


def at(text: str) -> datetime:
    """'22/1 8:00' of 2025 at the office."""
    return datetime.strptime(f"2025 {text}", "%Y %d/%m %H:%M").replace(tzinfo=ZONE)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    kinds = {"id": "int64", "school": "str", "period": "str", "received_at": "datetime64[us, UTC]", "status": "str"}
    kinds |= {"errors": "int64", "warnings": "int64"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def receipts(*received: Receipt, school: str = "TH01", period: str = HK1.key) -> pd.DataFrame:
    return frame(
        [
            {
                "id": number,
                "school": school,
                "period": period,
                "received_at": at(moment).astimezone(UTC),
                "status": status,
                "errors": 0 if status == "accepted" else number,
                "warnings": 10 * number,
            }
            for number, (moment, status) in enumerate(received, 1)
        ]
    )


def stands(
    now: str,
    *received: Receipt,
    extensions: Mapping[str, datetime] | None = None,
    excused: Collection[str] = (),
) -> dict[str, Any]:
    """The one school's row."""
    made = standings(
        SCHOOL, HK1, receipts(*received), at(now), SOON, GRACE, extensions=extensions or {}, excused=excused
    )
    (row,) = made.to_dict("records")
    return {str(name): value for name, value in row.items()}


@pytest.mark.parametrize(
    ("now", "received", "expected"),
    [
        # Nothing came.
        ("08/1 23:58", [], ("not_due", 0)),
        ("09/1 00:00", [], ("due_soon", 0)),
        ("22/1 23:59", [], ("due_soon", 0)),
        ("23/1 00:00", [], ("missing", 1)),
        ("28/2 12:00", [], ("missing", 37)),
        # What came was no report.
        ("23/1 00:00", [("20/1 8:00", "refused")], ("missing", 1)),
        ("10/1 00:00", [("09/1 8:00", "refused")], ("due_soon", 0)),
        # It came with errors.
        ("22/1 9:00", [("20/1 8:00", "to_mend")], ("to_mend", 0)),
        ("01/1 9:00", [("01/1 8:00", "to_mend")], ("to_mend", 0)),
        ("25/1 9:00", [("20/1 8:00", "to_mend")], ("to_mend", 3)),
        # It was accepted at once.
        ("25/1 9:00", [("22/1 23:59", "accepted")], ("on_time", 0)),
        ("25/1 9:00", [("23/1 0:00", "accepted")], ("late", 1)),
        ("28/2 9:00", [("25/1 0:00", "accepted")], ("late", 3)),
        # It was mended.
        ("28/1 9:00", [("22/1 8:00", "to_mend"), ("27/1 23:59", "accepted")], ("on_time", 0)),
        ("28/1 9:00", [("22/1 8:00", "to_mend"), ("28/1 0:00", "accepted")], ("late", 6)),
        ("28/1 9:00", [("23/1 8:00", "to_mend"), ("24/1 0:00", "accepted")], ("late", 2)),
        ("28/1 9:00", [("22/1 8:00", "refused"), ("24/1 0:00", "accepted")], ("late", 2)),
        # What comes after an accepted report changes nothing.
        ("28/1 9:00", [("20/1 8:00", "accepted"), ("27/1 8:00", "to_mend")], ("on_time", 0)),
        ("28/2 9:00", [("20/1 8:00", "accepted"), ("27/2 8:00", "accepted")], ("on_time", 0)),
        # What is not known yet is no fact.
        ("23/1 9:00", [("23/1 9:01", "accepted")], ("missing", 1)),
    ],
)
def test_a_school_stands_where_its_receipts_and_the_clock_put_it(
    now: str, received: list[Receipt], expected: tuple[str, int]
) -> None:
    row = stands(now, *received)
    assert (row["standing"], row["days_late"]) == expected


def test_a_receipt_in_the_last_second_is_on_time() -> None:
    received = receipts(("22/1 23:59", "accepted"))
    received["received_at"] += pd.Timedelta(seconds=59, milliseconds=999)
    assert standings(SCHOOL, HK1, received, at("25/1 9:00"), SOON, GRACE)["standing"].tolist() == ["on_time"]


def test_nobody_is_missing_within_the_last_second() -> None:
    made = standings(SCHOOL, HK1, receipts(), DUE + timedelta(milliseconds=999), SOON, GRACE)
    assert made["standing"].tolist() == ["due_soon"]


def test_the_row_says_what_came_and_what_counts() -> None:
    row = stands("30/1 9:00", ("20/1 8:00", "refused"), ("21/1 8:00", "to_mend"), ("24/1 8:00", "accepted"),
                 ("26/1 8:00", "accepted"), ("28/1 8:00", "to_mend"))  # fmt: skip
    assert row == {
        "code": "TH01",
        "name": "Tiểu học 1",
        "level": "TH",
        "unit": "Mỹ An",
        "due": DUE,
        "standing": "on_time",
        "received_at": at("21/1 8:00"),
        "accepted_at": at("26/1 8:00"),
        "first_accepted_at": at("24/1 8:00"),
        "days_late": 0,
        "receipts": 5,
        "errors": 5,
        "warnings": 50,
    }


def test_moments_are_in_the_offices_time_zone() -> None:
    made = standings(SCHOOL, HK1, receipts(), at("20/1 8:00"), SOON, GRACE)
    moments = ["due", "received_at", "accepted_at", "first_accepted_at"]
    assert {str(made[name].dtype) for name in moments} == {"datetime64[us, Asia/Ho_Chi_Minh]"}
    assert {str(made[name].dtype) for name in ("days_late", "receipts", "errors", "warnings")} == {"int64"}


def test_days_late_are_counted_at_the_office_wherever_now_was_told() -> None:
    # 17:00 in London is midnight at the office.
    made = [
        standings(SCHOOL, HK1, receipts(), datetime(2025, 1, 23, hour, tzinfo=UTC), SOON, GRACE) for hour in (16, 17)
    ]
    assert [frame["days_late"].item() for frame in made] == [1, 2]


def test_an_extension_moves_the_due_moment_of_its_school_only() -> None:
    later = {"TH01": at("01/2 12:00"), "TH02": at("01/3 12:00")}
    assert stands("01/2 11:00", extensions=later)["standing"] == "due_soon"
    assert stands("02/2 11:00", extensions=later)["days_late"] == 1
    assert stands("02/2 11:00", ("01/2 12:00", "accepted"), extensions=later)["standing"] == "on_time"


def test_an_excused_school_owes_nothing() -> None:
    for received in ([], [("25/1 8:00", "to_mend")], [("25/1 8:00", "accepted")]):
        row = stands("28/2 9:00", *received, excused={"TH01"})
        assert (row["standing"], row["days_late"]) == ("excused", 0)


def test_schools_that_are_closed_and_receipts_of_others_do_not_count() -> None:
    schools = Schools(
        (School("B", "b", "TH"), School("X", "x", "TH", closed_on=date(2024, 12, 1)), School("A", "a", "TH"))
    )
    received = pd.concat(
        [
            receipts(("20/1 8:00", "accepted"), school="X"),
            receipts(("20/1 8:00", "accepted"), school="A", period="2024-2025/CN"),
            receipts(("20/1 8:00", "accepted"), school="no school of ours"),
        ]
    )
    made = standings(schools, HK1, received, at("23/1 8:00"), SOON, GRACE)
    assert made[["code", "standing"]].to_numpy().tolist() == [["B", "missing"], ["A", "missing"]]


@pytest.mark.parametrize("as_arrays", [False, True])
def test_what_is_owed_is_nothing_received_or_nothing_accepted_by_now(as_arrays: bool) -> None:
    now = pd.Timestamp("2025-01-22T08:00", tz="UTC")
    moments = {"none": None, "before": now - pd.Timedelta(1, "us"), "now": now, "later": now + pd.Timedelta(1, "us")}
    received, accepted = (
        pd.Series([moments[name] for name in names], dtype="datetime64[us, UTC]")
        for names in (
            ["none", "later", "before", "now", "before", "before"],
            ["none", "later", "none", "later", "now", "before"],
        )
    )
    if as_arrays:
        arrays = [each.dt.tz_localize(None).to_numpy() for each in (received, accepted)]
        missing, to_mend = owing(arrays[0], arrays[1], np.datetime64("2025-01-22T08:00"))
        assert (missing.dtype, to_mend.dtype) == (np.dtype(bool), np.dtype(bool))
        found = [missing.tolist(), to_mend.tolist()]
    else:
        found = [mask.tolist() for mask in owing(received, accepted, now)]
    assert found == [[True, True, False, False, False, False], [False, False, True, True, False, False]]


def test_nobody_owes_a_report_where_only_the_office_reports() -> None:
    year = Period("2025/NAM", "Năm", date(2025, 1, 1), date(2025, 12, 31), office_due=DUE)
    made = standings(SCHOOL, year, receipts(), at("23/1 8:00"), SOON, GRACE)
    assert list(made.columns) == list(standings(SCHOOL, HK1, receipts(), at("23/1 8:00"), SOON, GRACE).columns)
    assert made.empty
    assert valid_until(made, at("23/1 8:00"), SOON) is None
    assert set(counts(made).values()) == {0}


def test_a_moment_without_a_time_zone_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        standings(SCHOOL, HK1, receipts(), at("23/1 8:00").replace(tzinfo=None), SOON, GRACE)


def test_an_hour_by_the_offices_clock_stays_that_hour_when_summer_time_begins() -> None:
    paris = ZoneInfo("Europe/Paris")
    due = datetime(2025, 4, 5, 12, tzinfo=paris)
    period = Period("p", "p", date(2025, 1, 1), date(2025, 3, 1), due)
    noon = datetime(2025, 3, 22, 12, tzinfo=paris)
    early, soon = (
        standings(SCHOOL, period, receipts(), now, 14, 5)["standing"].item()
        for now in (noon - timedelta(seconds=1), noon)
    )
    assert (early, soon) == ("not_due", "due_soon")


@pytest.mark.parametrize(
    ("now", "received", "until"),
    [
        ("01/1 8:00", [], datetime(2025, 1, 8, 23, 59, 59, tzinfo=ZONE)),
        ("10/1 8:00", [], datetime(2025, 1, 23, tzinfo=ZONE)),
        ("10/1 8:00", [("09/1 8:00", "to_mend")], datetime(2025, 1, 23, tzinfo=ZONE)),
        ("23/1 8:00", [], datetime(2025, 1, 24, tzinfo=ZONE)),
        ("23/1 8:00", [("09/1 8:00", "to_mend")], datetime(2025, 1, 24, tzinfo=ZONE)),
        ("23/1 8:00", [("09/1 8:00", "accepted")], None),
        ("25/1 8:00", [("24/1 8:00", "accepted")], None),
    ],
)
def test_standings_hold_until_the_clock_alone_would_change_one(
    now: str, received: list[Receipt], until: datetime | None
) -> None:
    made = standings(SCHOOL, HK1, receipts(*received), at(now), SOON, GRACE)
    assert valid_until(made, at(now), SOON) == until


@pytest.mark.usefixtures("english")
def test_every_standing_has_a_name_on_the_screen() -> None:
    assert [i18n.gettext(label) for label in LABELS.values()] == [
        "Not due", "Due soon", "Missing", "To be mended", "On time", "Late", "Excused",
    ]  # fmt: skip
    assert set(LABELS) == set(get_args(standing.Standing))


# Any facts of five schools, of which one is closed, in any order.
CODES = ["A", "B", "C", "D", "X"]
OFFICE = Schools(tuple(School(code, code, "TH", closed_on=date(2024, 1, 1) if code == "X" else None) for code in CODES))
MOMENTS = st.integers(-40 * 24 * 3600, 40 * 24 * 3600).map(lambda seconds: DUE + timedelta(seconds=seconds))
FACTS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 10**6),
            "school": st.sampled_from([*CODES, "?"]),
            "period": st.sampled_from([HK1.key, "other"]),
            "received_at": MOMENTS.map(lambda moment: moment.astimezone(UTC)),
            "status": st.sampled_from(["accepted", "to_mend", "refused"]),
            "errors": st.integers(0, 9),
            "warnings": st.integers(0, 9),
        }
    ),
    max_size=12,
).map(frame)
EXTENSIONS = st.dictionaries(st.sampled_from([*CODES, "?"]), MOMENTS, max_size=2)
EXCUSED = st.sets(st.sampled_from([*CODES, "?"]), max_size=2)
DAYS = st.integers(0, 30)
ANY = settings(max_examples=80)
ORDER = {"not_due": 0, "due_soon": 1, "missing": 2, "to_mend": 3, "on_time": 4, "late": 4, "excused": 4}


@ANY
@given(FACTS, MOMENTS, DAYS, DAYS, EXTENSIONS, EXCUSED)
def test_every_school_that_owes_a_report_stands_in_exactly_one_place(
    facts: pd.DataFrame, now: datetime, soon: int, grace: int, extensions: dict[str, datetime], excused: set[str]
) -> None:
    made = standings(OFFICE, HK1, facts, now, soon, grace, extensions=extensions, excused=excused)
    assert made["code"].tolist() == ["A", "B", "C", "D"]
    found = counts(made)
    assert sum(found.values()) == len(made)
    reported = made["received_at"].notna().sum()
    assert found["on_time"] + found["late"] <= made["accepted_at"].notna().sum() <= reported <= len(made)
    assert (made["days_late"] >= 0).all()
    assert not made.loc[made["standing"].isin(["not_due", "due_soon", "on_time", "excused"]), "days_late"].any()


@ANY
@given(FACTS, MOMENTS, DAYS, DAYS, EXTENSIONS, EXCUSED)
def test_the_order_of_facts_does_not_matter(
    facts: pd.DataFrame, now: datetime, soon: int, grace: int, extensions: dict[str, datetime], excused: set[str]
) -> None:
    unique = facts.drop_duplicates("id")
    one, other = (
        standings(OFFICE, HK1, each, now, soon, grace, extensions=extensions, excused=excused)
        for each in (unique, unique.iloc[::-1])
    )
    pd.testing.assert_frame_equal(one, other)


@ANY
@given(FACTS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)), DAYS, DAYS, EXTENSIONS)
def test_a_standing_only_ever_moves_on(
    facts: pd.DataFrame, now: datetime, later: timedelta, soon: int, grace: int, extensions: dict[str, datetime]
) -> None:
    before, after = (
        standings(OFFICE, HK1, facts, moment, soon, grace, extensions=extensions) for moment in (now, now + later)
    )
    ranks = pd.DataFrame({"before": before["standing"].map(ORDER), "after": after["standing"].map(ORDER)})
    assert (ranks["before"] <= ranks["after"]).all()
    ended = before["standing"].isin(["on_time", "late"])
    assert before.loc[ended, ["standing", "days_late"]].equals(after.loc[ended, ["standing", "days_late"]])


@ANY
@given(FACTS, MOMENTS, st.floats(0, 1), DAYS, DAYS, EXTENSIONS)
def test_nothing_changes_before_the_moment_that_is_told(
    facts: pd.DataFrame, now: datetime, share: float, soon: int, grace: int, extensions: dict[str, datetime]
) -> None:
    known = facts[facts["received_at"] <= now]
    made = standings(OFFICE, HK1, known, now, soon, grace, extensions=extensions)
    until = valid_until(made, now, soon)
    assert until is None or until > now
    end = until or now + timedelta(days=400)
    later = min(now + share * (end - now), end - timedelta(microseconds=1))
    pd.testing.assert_frame_equal(made, standings(OFFICE, HK1, known, later, soon, grace, extensions=extensions))


SPANS = st.tuples(*[st.none() | st.dates(date(2024, 8, 1), date(2025, 7, 1))] * 2)


@ANY
@given(FACTS, st.lists(SPANS, min_size=5, max_size=5), MOMENTS)
def test_a_school_counts_for_the_periods_on_whose_last_day_it_is_open_and_shares_never_exceed_one(
    facts: pd.DataFrame, spans: list[tuple[date | None, date | None]], now: datetime
) -> None:
    schools = Schools(
        tuple(
            School(code, code, "TH", opened_on=opened, closed_on=closed)
            for code, (opened, closed) in zip(CODES, spans, strict=True)
        )
    )
    year = replace(HK1, key="other", ends_on=date(2025, 5, 30))
    for period in (HK1, year):
        made = standings(schools, period, facts, now, SOON, GRACE)
        assert made["code"].tolist() == [
            code
            for code, (opened, closed) in zip(CODES, spans, strict=True)
            if (opened or date.min) <= period.ends_on <= (closed or date.max)
        ]
        found = counts(made)
        owing_ = sum(found.values())
        assert owing_ == len(made)
        assert made["accepted_at"].notna().sum() <= made["received_at"].notna().sum() <= owing_
        assert found["on_time"] + found["late"] + found["to_mend"] == made["received_at"].notna().sum()
