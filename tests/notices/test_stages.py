"""When each stage of a due date begins, and which one is told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from sync.notices.stages import Rhythm, Stages, stages_of
from sync.working_days import WorkingDays
from tests.fakes.offices import ZONE

DAYS = WorkingDays({}, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)
RHYTHM = Rhythm((1, 3, 7, 14), (1, 3, 7), 7, 60)
WEDNESDAY = date(2025, 3, 19)
"""No holiday is near."""


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), ZONE)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


def stages(due: date, *reminders: date, days: WorkingDays = DAYS, rhythm: Rhythm = RHYTHM) -> Stages:
    return stages_of(end_of(due), rhythm, days, reminders)


def named(found: Stages, until: int = 7) -> dict[str, str]:
    """The days on which stages begin, up to some days late."""
    return {stage.name: f"{stage.begins:%d/%m}" for stage in found.stages if stage.days <= until}


def told(found: Stages, moment: str) -> str | None:
    stage = found.at(at(moment))
    return stage.name if stage else None


def test_stages_begin_when_the_office_opens() -> None:
    assert {stage.begins.time() for stage in stages(WEDNESDAY).stages} == {time(7, 30)}


def test_a_stage_before_moves_to_the_last_working_day_before_it_and_one_after_to_the_next() -> None:
    # 5, 12, 16 (a Sunday) and 18 March; 20, 22 (a Saturday) and 26 March.
    assert named(stages(WEDNESDAY)) == {
        "-14": "05/03",
        "-7": "12/03",
        "-3": "14/03",
        "-1": "18/03",
        "+1": "20/03",
        "+3": "24/03",
        "+7": "26/03",
    }


def test_stages_move_out_of_tet() -> None:
    # Tết 2025 keeps offices closed from Saturday 25 January to Sunday 2 February.
    assert named(stages(date(2025, 1, 29))) == {
        "-14": "15/01",
        "-7": "22/01",
        "-1": "24/01",  # -3 has moved to the same day
        "+1": "03/02",
        "+3": "03/02",
        "+7": "05/02",
    }


def test_of_stages_that_begin_together_the_later_one_is_told() -> None:
    found = stages(date(2025, 1, 29))
    assert told(found, "2025-01-24T07:30") == "-1"
    assert told(found, "2025-02-03T07:30") == "+3"


def test_an_extra_day_off_moves_stages_too() -> None:
    days = WorkingDays({date(2025, 3, 20): ""}, opens_at=time(7, 30), closes_at=time(16, 30), zone=ZONE)
    assert named(stages(WEDNESDAY, days=days))["+1"] == "21/03"


def test_stages_come_weekly_after_the_last_one_until_they_stop() -> None:
    late = [stage.days for stage in stages(WEDNESDAY).stages if stage.days > 0]
    assert late == [1, 3, 7, 14, 21, 28, 35, 42, 49, 56]
    short = stages(WEDNESDAY, rhythm=Rhythm((1,), (3, 1, 9), 2, 6))
    assert [stage.days for stage in short.stages] == [-1, 1, 3, 5]
    assert [stage.days for stage in stages(WEDNESDAY, rhythm=Rhythm((), (), 5, 12)).stages] == [5, 10]


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2025-03-05T07:29:59", None),
        ("2025-03-05T07:30", "-14"),
        ("2025-03-12T07:29", "-14"),
        ("2025-03-12T07:30", "-7"),
        ("2025-03-18T16:00", "-1"),
        ("2025-03-19T23:59:59", "-1"),
        ("2025-03-20T00:00", None),
        ("2025-03-20T07:29:59", None),
        ("2025-03-20T07:30", "+1"),
        ("2025-04-30T12:00", "+35"),
        ("2025-05-18T23:59:59", "+56"),
        ("2025-05-19T00:00", None),
    ],
)
def test_the_latest_stage_that_has_begun_is_told(moment: str, name: str | None) -> None:
    assert told(stages(WEDNESDAY), moment) == name


def test_nothing_more_is_said_from_the_day_after_the_last_one() -> None:
    found = stages(WEDNESDAY, rhythm=Rhythm((1,), (1,), 7, 3))
    assert found.ends == at("2025-03-23T00:00")
    assert told(found, "2025-03-22T23:59:59") == "+1"


def test_the_next_stage_is_the_first_that_begins_later() -> None:
    found = stages(WEDNESDAY)
    following = [found.after(at(moment)) for moment in ("2025-01-01T00:00", "2025-03-05T07:29", "2025-03-05T07:30")]
    assert [stage.name for stage in following if stage] == ["-14", "-14", "-7"]
    assert found.after(found.stages[-1].begins) is None


def test_the_officers_reminders_take_the_place_of_the_usual_days_before() -> None:
    found = stages(WEDNESDAY, date(2025, 3, 10), date(2025, 3, 17))
    assert named(found, 0) == {"-9": "10/03", "-2": "17/03"}
    assert [stage.days for stage in found.stages if stage.days > 0][:3] == [1, 3, 7]


def test_a_reminder_on_the_day_of_a_usual_stage_has_its_name() -> None:
    # The stage of three days before moved from Sunday the 16th to Friday the 14th, five days before.
    assert named(stages(WEDNESDAY, date(2025, 3, 14), date(2025, 3, 18)), 0) == {"-3": "14/03", "-1": "18/03"}


def test_a_reminder_on_a_day_off_moves_to_the_working_day_before() -> None:
    assert named(stages(WEDNESDAY, date(2025, 3, 15), date(2025, 3, 16)), 0) == {"-3": "14/03"}


def test_a_reminder_on_or_after_the_due_day_is_none() -> None:
    found = stages(WEDNESDAY, date(2025, 3, 18), WEDNESDAY, date(2025, 3, 20))
    assert named(found, 0) == {"-1": "18/03"}


def test_the_due_date_itself_is_never_moved() -> None:
    found = stages(date(2025, 1, 29))
    assert found.due == at("2025-01-29T23:59:59")
    assert told(found, "2025-01-29T23:59:59") == "-1"
    assert found.ends - found.due == timedelta(days=60, seconds=1)
