from __future__ import annotations

import io
import json
import logging
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import config, i18n, logs
from sync.errors import MendableError
from sync.setup import make_workspace
from sync.workspace import Workspace

ADDRESS = "hieutruong@thhoasen.edu.vn"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with i18n.using("en"):
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "office", "thu-thua-2020-2025")


def text_of(workspace: Workspace) -> str:
    return (workspace.state / "log" / "baocao.log").read_text(encoding="utf-8")


def lines_of(workspace: Workspace) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of(workspace).splitlines()]


def a_mistake_of_ours() -> Exception:
    """An exception from inside the package, with an address in its message and in its cause's."""
    try:
        try:
            raise OSError(2, "no such file", f"/home/{ADDRESS}/a.xlsx")
        except OSError:
            config.rendered({ADDRESS: {ADDRESS: ADDRESS}})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_line_is_json_with_time_level_event_and_fields(workspace: Workspace) -> None:
    with logs.open_log(workspace, config.load(workspace.path)):
        logs.event("pass", period="2024-2025/HK1", school="TH-02", new=3, seconds=1.23456)
    (line,) = lines_of(workspace)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00", line.pop("time"))
    fields = {"period": "2024-2025/HK1", "school": "TH-02", "new": 3, "seconds": 1.235}
    assert line == {"level": "info", "event": "pass", **fields}


def test_of_an_error_only_its_type_and_our_places_are_kept(workspace: Workspace) -> None:
    error = a_mistake_of_ours()
    with logs.open_log(workspace, config.load(workspace.path)):
        logs.failure("job_failed", error, job="pass")
    assert ADDRESS in str(error)
    assert ADDRESS not in text_of(workspace)
    assert "@" not in text_of(workspace)
    (line,) = lines_of(workspace)
    assert (line["level"], line["error"], line["cause"]) == ("error", type(error).__name__, "FileNotFoundError")
    assert [place.split(":")[0] for place in line["frames"]] == ["sync.config"]
    assert line["frames"][0].endswith(" rendered")


def test_whoever_logs_past_the_fields_gets_nothing_of_it_into_the_log(workspace: Workspace) -> None:
    logger = logging.getLogger("baocao")
    with logs.open_log(workspace, config.load(workspace.path)):
        try:
            raise MendableError(ADDRESS)
        except MendableError:
            logger.exception("to %s", ADDRESS, extra={"address": ADDRESS}, stack_info=True)
        logger.warning({"address": ADDRESS})
        logger.warning("pass", extra={"fields": {"address": ADDRESS, "school": ADDRESS, "new": ADDRESS}})
    assert "@" not in text_of(workspace)
    assert [line["event"] for line in lines_of(workspace)] == ["withheld", "withheld", "pass"]
    assert [(line["school"], line["new"]) for line in lines_of(workspace)[2:]] == [("withheld", "withheld")]


@pytest.mark.parametrize("fields", [{"address": ADDRESS}, {"file": "a.xlsx"}, {"message": "x"}, {"password": "x"}])
def test_a_field_that_is_none_of_the_logs_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not for the log") as refused:
        logs.event("pass", logging.INFO, **fields)
    assert ADDRESS not in str(refused.value)


@settings(max_examples=200)
@given(st.sampled_from(sorted(logs.FIELDS)), st.text(), st.sampled_from(" @\n,"), st.text())
def test_a_text_of_no_fields_form_is_withheld(name: str, before: str, foreign: str, after: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        fields: dict[str, Any] = {name: before + foreign + after}
        with logs.open_log(workspace, config.Settings(plan="thu-thua-2020-2025")):
            logs.event("pass", **fields)
        (line,) = lines_of(workspace)
    assert line[name] == "withheld"


def test_an_event_is_named_by_a_word() -> None:
    with pytest.raises(ValueError, match="not for the log"):
        logs.event(f"sent to {ADDRESS}")


def test_the_log_is_rotated_and_old_ones_are_dropped(workspace: Workspace) -> None:
    text = workspace.config_file.read_text(encoding="utf-8")
    small = text.replace("log_megabytes = 5", "log_megabytes = 1").replace("log_files = 5", "log_files = 2")
    workspace.config_file.write_text(small, encoding="utf-8")
    frames = ["sync.passes:1 run"] * 2000
    with logs.open_log(workspace, config.load(workspace.path)):
        for _ in range(120):
            logs.event("job_failed", frames=frames)
    files = sorted((workspace.state / "log").iterdir())
    assert [file.name for file in files] == ["baocao.log", "baocao.log.1", "baocao.log.2"]
    assert all(file.stat().st_size <= 1 << 20 for file in files)


def test_events_outside_an_open_log_go_nowhere(workspace: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    with logs.open_log(workspace, config.load(workspace.path)):
        logs.event("pass")
    logs.event("pass")
    logs.failure("job_failed", MendableError(ADDRESS))
    assert len(lines_of(workspace)) == 1
    assert capfd.readouterr() == ("", "")


def test_events_do_not_reach_handlers_that_are_not_the_logs_own(workspace: Workspace) -> None:
    stream = io.StringIO()
    foreign = logging.StreamHandler(stream)
    logging.getLogger().addHandler(foreign)
    try:
        with logs.open_log(workspace, config.load(workspace.path)):
            logs.event("pass", school="TH-02")
    finally:
        logging.getLogger().removeHandler(foreign)
    assert stream.getvalue() == ""


def test_a_log_that_cannot_be_opened_is_an_error_that_says_where(workspace: Workspace) -> None:
    (workspace.state / "log").touch()
    with pytest.raises(logs.LogError, match="log"), logs.open_log(workspace, config.load(workspace.path)):
        pytest.fail("it was opened")
