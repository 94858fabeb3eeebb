"""A rehearsal tells what a service would: the same notices, once each, in the hours of work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from sync import demo, office, passes, plan, rehearsing, reminding, troubles
from sync.ledger import Ledger
from sync.office import OpenOffice
from sync.rehearsing import Rehearsed
from tests.fakes.offices import FAULTY, PERIOD, send
from tests.reminding.offices import OFFICER, SCHOOLS, at, make_office, outbox

pytestmark = [pytest.mark.usefixtures("english"), pytest.mark.slow]

FIRST, LAST = date(2025, 1, 6), date(2025, 2, 14)
"""From sixteen days before the due date of 22 January to three weeks after it, Tết in between."""


def lived(folder: Path, first: date, last: date) -> list[str]:
    """The keys of what a service tells that passes and reminds when the office opens, at noon, and at each full hour
    in which something came."""
    keys: list[str] = []
    for moment in hours(office.open_office(folder), first, last):
        came = bring(folder, moment.replace(minute=0))
        if came or moment.minute or moment.hour in (12, 16):
            opened = office.open_office(folder, moment)
            passes.run(opened)
            keys += [notice.key for notice in reminding.remind(opened).notices]
    return keys


def hours(opened: OpenOffice, first: date, last: date) -> Iterator[datetime]:
    """The opening and the full hours of each working day."""
    days = opened.working_days
    for day in (first + timedelta(days=number) for number in range((last - first).days + 1)):
        if days.is_working(day):
            yield days.opening(day)
            yield from (datetime.combine(day, time(hour), opened.zone) for hour in range(8, 17))


def bring(folder: Path, moment: datetime) -> bool:
    """Brings into the inbox what was sent until `moment`, and puts aside what was not; whether anything came."""
    inbox, aside, came = folder / "nhan", folder / "chua-gui", False
    aside.mkdir(exist_ok=True)
    for place, to in ((inbox, aside), (aside, inbox)):
        for file in [file for file in place.rglob("*") if file.is_file()]:
            if (file.stat().st_mtime <= moment.timestamp()) is (to is inbox):
                (to / file.relative_to(place)).parent.mkdir(parents=True, exist_ok=True)
                file.rename(to / file.relative_to(place))
                came = came or to is inbox
    return came


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office to which a school reports in time, another late and with errors, and the third never."""
    made = make_office(tmp_path / "office")
    send(made, "TH01", modified="2025-01-15T09:20")
    send(made, "MN01", FAULTY, modified="2025-01-23T22:10")
    send(made, "MN01", name="MN01 sua.xlsx", modified="2025-02-04T10:40")
    return made


def rehearsed(folder: Path, first: date = FIRST, last: date = LAST) -> list[Rehearsed]:
    return rehearsing.rehearse(office.open_office(folder, at("2025-03-01T08:00")), first, last)


def keys(told: list[Rehearsed]) -> list[str]:
    return [each.notice.key for each in told]


def test_a_rehearsal_tells_what_a_service_tells(folder: Path) -> None:
    before = lived(folder, FIRST, LAST)
    told = keys(rehearsed(folder))
    assert told
    assert sorted(told) == sorted(before)
    kinds = {key.partition(":")[0] for key in told}
    assert {"due_soon", "overdue", "accepted", "to_mend", "digest", "office_due_soon"} <= kinds


def test_a_rehearsal_of_a_demo_tells_what_a_service_tells(tmp_path: Path) -> None:
    demo.make(tmp_path / "demo", plan.load("thu-thua-2020-2025"), schools=6, seed=3)
    folder = tmp_path / "demo"
    as_of = office.open_office(folder).now
    first, last = as_of.date() - timedelta(days=12), as_of.date()
    before = lived(folder, first, last)
    told = rehearsing.rehearse(office.open_office(folder, as_of), first, last)
    assert sorted(keys(told)) == sorted(before)
    assert len(before) > 20


def test_each_notice_is_told_once_and_in_the_hours_of_work(folder: Path) -> None:
    passes.run(office.open_office(folder, at("2025-03-01T08:00")))
    told, days = rehearsed(folder, date(2024, 9, 5), date(2025, 8, 31)), office.open_office(folder).working_days
    assert len(keys(told)) == len(set(keys(told))) > 100
    assert all(days.is_open(each.notice.at) for each in told)
    assert [each.notice.at for each in told] == sorted(each.notice.at for each in told)
    assert all(each.subject for each in told)


def test_a_rehearsal_ends_with_its_last_day_and_begins_with_its_first(folder: Path) -> None:
    told = rehearsed(folder, date(2025, 1, 15), date(2025, 1, 15))
    assert {each.notice.at.date() for each in told} == {date(2025, 1, 15)}
    assert rehearsed(folder, date(2025, 1, 18), date(2025, 1, 19)) == []


def test_reports_are_known_from_the_full_hour_after_they_came(folder: Path) -> None:
    passes.run(office.open_office(folder, at("2025-03-01T08:00")))
    answers = [(each.notice.kind, each.notice.school, f"{each.notice.at:%d/%m %H:%M}") for each in rehearsed(folder)]
    assert [answer for answer in answers if answer[0] in ("accepted", "to_mend")] == [
        ("accepted", "TH01", "15/01 10:00"),
        ("to_mend", "MN01", "24/01 07:30"),
        ("accepted", "MN01", "04/02 11:00"),
    ]


def test_a_rehearsal_without_reports_reminds_every_school_to_the_end(tmp_path: Path) -> None:
    told = rehearsed(make_office(tmp_path / "office"))
    late = [each.notice for each in told if each.notice.kind == "overdue" and each.notice.period == PERIOD]
    assert {notice.school for notice in late} == {school.code for school in SCHOOLS}
    # Three days late is a Saturday, and the days after it are Tết: the working day after those is that of seven.
    assert [notice.stage for notice in late if notice.school == "TH01"] == ["+1", "+7", "+14", "+21"]


def test_a_rehearsal_sends_nothing_and_puts_nothing_down(folder: Path) -> None:
    passes.run(office.open_office(folder, at("2025-03-01T08:00")))
    with Ledger.open(office.open_office(folder).ledger_url) as ledger:
        run = ledger.last_run()
        assert rehearsed(folder)
        assert (ledger.last_run(), ledger.notices.deliveries()) == (run, [])
    assert outbox(folder) == []
    assert troubles.current(office.open_office(folder).workspace) == []


def test_the_subjects_are_those_of_the_letters(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "office", notices={"chief_emails": []})
    [told] = [each for each in rehearsed(folder, date(2025, 1, 8), date(2025, 1, 8)) if each.notice.school == "TH01"]
    opened = office.open_office(folder, at("2025-01-08T07:30"))
    passes.run(opened)
    reminding.remind(opened)
    subjects = {str(letter["To"]): str(letter["Subject"]) for letter in outbox(folder)}
    assert told.subject == subjects["th01@example.org"]
    assert OFFICER in subjects
