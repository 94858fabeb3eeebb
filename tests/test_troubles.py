from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync import config, i18n, service, troubles
from sync.errors import MendableError
from sync.letters.content import Trouble
from sync.setup import make_workspace
from sync.workspace import Workspace
from tests.fakes.offices import ZONE

AT = datetime(2025, 1, 20, 8, tzinfo=ZONE)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with i18n.using("en"):
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "office", "thu-thua-2020-2025")


def test_at_first_nothing_failed(workspace: Workspace) -> None:
    assert troubles.current(workspace) == []


def test_what_failed_is_kept_in_order_until_that_job_goes_well(workspace: Workspace) -> None:
    troubles.note(workspace, "pass", AT, "Ổ đĩa không mở được")
    troubles.note(workspace, "remind", AT + HOUR, "no connection")
    assert troubles.current(workspace) == [
        Trouble("pass", AT, "Ổ đĩa không mở được"),
        Trouble("remind", AT + HOUR, "no connection"),
    ]
    troubles.clear(workspace, "pass")
    assert troubles.current(workspace) == [Trouble("remind", AT + HOUR, "no connection")]


def test_the_same_failure_again_is_one_trouble_of_the_later_moment(workspace: Workspace) -> None:
    for hour in range(3):
        troubles.note(workspace, "pass", AT + hour * HOUR, "the drive is away")
    assert troubles.current(workspace) == [Trouble("pass", AT + 2 * HOUR, "the drive is away")]


def test_only_the_last_fifty_are_kept(workspace: Workspace) -> None:
    for number in range(60):
        troubles.note(workspace, "pass", AT, f"failure {number}")
    assert [trouble.message for trouble in troubles.current(workspace)] == [f"failure {n}" for n in range(10, 60)]


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", "null", '[{"job": "pass"}]', "\x00"])
def test_a_damaged_file_is_no_trouble_and_is_written_anew(workspace: Workspace, text: str) -> None:
    (workspace.state / troubles.FILE).write_text(text, encoding="utf-8")
    assert troubles.current(workspace) == []
    troubles.clear(workspace, "pass")
    troubles.note(workspace, "pass", AT, "again")
    assert troubles.current(workspace) == [Trouble("pass", AT, "again")]


def test_clearing_what_is_clear_writes_nothing(workspace: Workspace) -> None:
    troubles.clear(workspace, "pass")
    assert not (workspace.state / troubles.FILE).exists()


def test_an_error_that_can_be_mended_is_told_in_its_own_words() -> None:
    assert troubles.message_of(MendableError("config.toml: the key is missing")) == "config.toml: the key is missing"


def test_a_mistake_of_ours_is_told_by_type_and_place_and_not_by_its_message() -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
        config.rendered({"a@b.vn": {"c": "d"}})
    assert "a@b.vn" in str(raised.value)
    message = troubles.message_of(raised.value)
    assert "a@b.vn" not in message
    assert "\n" not in message
    assert f"({raised.type.__name__}, sync.config:" in message
    assert " rendered)" in message


def test_jobs_have_names_for_people() -> None:
    assert [troubles.name_of(job) for job in (*service.JOBS, "other")] == [
        "taking in reports",
        "sending letters",
        "other",
    ]


def test_a_mistake_whose_place_is_not_ours_is_told_too() -> None:
    assert "(ZeroDivisionError, ?)" in troubles.message_of(ZeroDivisionError("x"))
