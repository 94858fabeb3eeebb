"""The workspace that a demo is: what lies in it, under which names, since when; and that it is the same every time."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync import config, control
from sync import demo as demos
from sync.demo.cast import invent
from sync.intake.sniff import sniff
from sync.plan import Plan
from sync.sources.folder import is_temporary
from sync.workspace import WorkspaceError
from tests.demo.inboxes import Demo, made


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and modification time (0 outside the inbox) by path."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns if "nhan" in path.parts else 0,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_in_every_file(each_demo: Demo, tmp_path: Path) -> None:
    again = demos.make(
        tmp_path / "again", each_demo.plan, plan_source=config.load(each_demo.folder).plan, schools=42, seed=2024
    )
    assert again == each_demo.planted
    assert contents(tmp_path / "again") == contents(each_demo.folder)


def test_another_seed_gives_other_reports(demo: Demo, tmp_path: Path) -> None:
    one = made(demo.plan, tmp_path / "one", schools=8, seed=1)
    other = made(demo.plan, tmp_path / "other", schools=8, seed=2)
    assert not report_digests(one) & report_digests(other)


def report_digests(demo: Demo) -> set[str]:
    """SHA-256 of the files that are some school's report."""
    paths = [demo.inbox / file.path for file in demo.planted.files if file.school]
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_settings_and_the_control_workbook_can_be_read(each_demo: Demo) -> None:
    settings = config.load(each_demo.folder)
    assert settings.as_of == each_demo.planted.as_of
    found = control.read(each_demo.folder / "dieu-hanh.xlsx", each_demo.plan, settings.zone)
    period = found.periods.by_key[each_demo.planted.period]
    assert {school.code for school in found.schools.reporting_in(period)} == set(each_demo.planted.standings)
    assert [school.code for school in found.schools if not school.exists_in(period)] != []


def test_the_moment_is_a_working_hour_some_days_after_the_due_date(each_demo: Demo) -> None:
    planted, settings = each_demo.planted, config.load(each_demo.folder)
    found = control.read(each_demo.folder / "dieu-hanh.xlsx", each_demo.plan, settings.zone)
    due = found.periods.by_key[planted.period].schools_due
    assert due is not None
    assert due + timedelta(days=1) < planted.as_of < due + timedelta(days=7)
    assert planted.as_of.weekday() < 5
    assert 8 <= planted.as_of.hour <= 16
    assert found.periods.current(planted.as_of) == found.periods.by_key[planted.period]


def test_the_semester_is_that_of_the_design(demo: Demo) -> None:
    assert demo.planted.period == "2024-2025/HK1"


def test_all_files_of_the_inbox_are_known(each_demo: Demo) -> None:
    files = {p.relative_to(each_demo.inbox).as_posix(): p for p in each_demo.inbox.rglob("*") if p.is_file()}
    planted = each_demo.planted
    assert {name for name, path in files.items() if not is_temporary(path.name)} == {
        file.path for file in planted.files
    }
    assert {name for name, path in files.items() if is_temporary(path.name)} == set(planted.ignored) != set()


def test_files_have_the_times_at_which_they_were_sent(each_demo: Demo) -> None:
    planted = each_demo.planted
    for file in planted.files:
        seconds = (each_demo.inbox / file.path).stat().st_mtime
        assert datetime.fromtimestamp(seconds, UTC) == file.mtime
        assert planted.as_of - timedelta(weeks=3) < file.mtime < planted.as_of


def test_every_file_is_of_the_kind_that_its_name_says_unless_it_is_planted_otherwise(each_demo: Demo) -> None:
    odd = {"empty-file", "not-a-workbook", "encrypted", "damaged"}
    kinds = set()
    for file in each_demo.planted.files:
        kind = sniff((each_demo.inbox / file.path).read_bytes()).kind
        if {spot.code for spot in file.findings} & odd:
            assert kind != file.path.rsplit(".", 1)[1], file
        else:
            assert kind == file.path.rsplit(".", 1)[1], file
            assert each_demo.workbook(file.path).names
            kinds.add(kind)
    assert kinds == {"xlsx", "ods", "xls"}


def test_names_are_such_as_people_give(demo: Demo) -> None:
    paths = [file.path for file in demo.planted.files]
    assert any(path.count("/") >= 4 for path in paths)
    assert any(unicodedata.normalize("NFC", path) != path for path in paths)
    assert any("Book1 (" in path for path in paths)
    assert any("NOP LAI" in path for path in paths)
    # Windows and macOS hold names for the same that differ in case or form only.
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == len(paths)
    assert not [path for path in paths if any(sign in path for sign in '<>:"|?*\\')]


def test_every_standing_occurs_and_follows_from_the_files(each_demo: Demo) -> None:
    planted = each_demo.planted
    assert set(planted.standings.values()) == {"on_time", "late", "to_mend", "missing"}
    assert len(planted.standings) == 42
    senders = {file.school for file in planted.files if file.school}
    for school, standing in planted.standings.items():
        assert (standing == "missing") == (school not in senders)
        accepted = [file for file in planted.files if file.school == school and file.status == "accepted"]
        assert bool(accepted) == (standing in ("on_time", "late"))


def test_schools_that_send_twice_are_known_oldest_first(demo: Demo) -> None:
    planted = demo.planted
    assert planted.duplicates
    stories = set()
    for school, paths in planted.duplicates.items():
        sent = [planted.of(path) for path in paths]
        assert [file.school for file in sent] == [school] * len(sent)
        assert sent == sorted(sent, key=lambda file: file.mtime)
        stories.add(tuple(file.status for file in sent))
    assert stories == {("to_mend", "accepted"), ("accepted", "to_mend"), ("accepted", "accepted")}


def test_a_demo_can_be_written_down_and_read_back(each_demo: Demo) -> None:
    assert demos.loads(each_demo.planted.dumps()) == each_demo.planted


@pytest.mark.parametrize("schools", [1, 2, 4, 9])
def test_small_demos_work(demo: Demo, tmp_path: Path, schools: int) -> None:
    planted = made(demo.plan, tmp_path / "w", schools=schools).planted
    assert len(planted.standings) == schools
    assert any(file.status == "accepted" for file in planted.files)


def test_a_workspace_is_never_overwritten(demo: Demo) -> None:
    before = contents(demo.folder)
    with pytest.raises(WorkspaceError):
        demos.make(demo.folder, demo.plan, seed=5)
    assert contents(demo.folder) == before


def test_schools_are_invented(demo: Demo) -> None:
    cast = list(invent(demo.plan, 400, random.Random(1)))
    assert len({school.code for school in cast}) == len({school.name for school in cast}) == 400
    assert {school.level for school in cast} == {level.code for level in demo.plan.levels}
    assert all(mail.endswith("@example.org") for school in cast for mail in (*school.emails, *school.head_emails))
    assert all(school.phone.startswith("0200 000 ") for school in cast)


def test_nothing_of_a_plan_without_reports_of_schools_can_be_shown(demo: Demo, tmp_path: Path) -> None:
    silent = demo.plan.model_copy(
        update={"calendar": tuple(each.model_copy(update={"schools": None}) for each in demo.plan.calendar)}
    )
    with pytest.raises(ValueError, match="asks schools for no report"):
        demos.make(tmp_path / "w", Plan.model_validate(silent))
    assert not (tmp_path / "w").exists()
