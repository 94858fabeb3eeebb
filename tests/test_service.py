"""The service's loop on a clock that only goes on when it is waited for."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from pydantic import SecretStr

from sync import __version__, config, heartbeat, i18n, service, troubles
from sync.errors import MendableError
from sync.heartbeat import Done
from sync.office import OpenOffice
from sync.service import Clock, Job, Stop
from sync.service.jobs import look_for_reports, ping
from sync.setup import make_workspace
from sync.workspace import Workspace, WorkspaceBusy

BEGIN = datetime(2025, 1, 20, 1, 0, tzinfo=UTC)
NIGHT = datetime(2025, 1, 20, 16, 0, tzinfo=UTC)
MINUTE = 60.0
HOUR = 3600.0
NO_ZONE = (
    '{"at": "2025-01-20T01:00:00", "started": "2025-01-20T01:00:00", "pid": 1, "version": "1", '
    '"last_pass": null, "last_remind": null}'
)
DEPLOY = Path(__file__).parent.parent / "docs" / "deploy"
BUSY = "dịch vụ khác"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with i18n.using("en"):
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "office", "thu-thua-2020-2025", {"service": {"remind_minutes": 7}})


@dataclass
class Played(Clock):
    """Time goes on when it is waited for; `events` happen on the way, `end` is when the service is asked to end."""

    end: float
    events: dict[float, Callable[[], object]] = field(default_factory=dict)
    seconds: float = 0.0
    set_by: timedelta = timedelta()
    asleep: float = 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds + self.asleep) + self.set_by

    def steady(self) -> float:
        return self.seconds

    def wait(self, stop: Stop, seconds: float) -> None:
        self.seconds += seconds
        for at in [at for at in self.events if at <= self.seconds]:
            self.events.pop(at)()
        if self.seconds >= self.end:
            stop.set()

    def sets(self, change: timedelta) -> Callable[[], None]:
        def change_it() -> None:
            self.set_by += change

        return change_it

    def sleeps(self, seconds: float) -> Callable[[], None]:
        def sleep() -> None:
            self.asleep += seconds

        return sleep


@dataclass
class Recorder:
    """Jobs that write down when they ran, in minutes, and then do what they are told."""

    clock: Played
    ran: list[tuple[str, int]] = field(default_factory=list)

    def job(self, name: str, then: Callable[[], Sequence[str]] = tuple) -> Job:
        def work(_office: OpenOffice, _stop: Stop, _step: Callable[[], None]) -> Sequence[str]:
            self.ran.append((name, round(self.clock.seconds / MINUTE)))
            return then()

        return work

    def minutes_of(self, name: str) -> list[int]:
        return [minute for each, minute in self.ran if each == name]


def nothing(_office: OpenOffice, _stop: Stop, _step: Callable[[], None]) -> Sequence[str]:
    return ()


def play(workspace: Workspace, clock: Played, **jobs: Job) -> None:
    stop = Stop()
    service.run(workspace.path, stop=stop, jobs=jobs, clock=clock)


def messages(workspace: Workspace) -> list[tuple[str, str]]:
    return [(trouble.job, trouble.message) for trouble in troubles.current(workspace)]


def log_of(workspace: Workspace) -> list[dict[str, object]]:
    text = (workspace.state / "log" / "baocao.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


class TestTheLoop:
    def test_each_job_runs_at_once_and_then_as_often_as_the_settings_say(self, workspace: Workspace) -> None:
        clock = Played(22 * MINUTE)
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass"), "remind": seen.job("remind")})
        assert seen.ran[:2] == [("pass", 0), ("remind", 0)]
        assert seen.minutes_of("pass") == [0, 5, 10, 15, 20]
        assert seen.minutes_of("remind") == [0, 7, 14, 21]

    def test_an_interval_that_was_changed_meanwhile_holds_from_the_next_run_on(self, workspace: Workspace) -> None:
        text = workspace.config_file.read_text(encoding="utf-8")

        def change() -> None:
            workspace.config_file.write_text(text.replace("pass_minutes = 5", "pass_minutes = 2"), encoding="utf-8")

        clock = Played(14 * MINUTE, {7 * MINUTE: change})
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass")})
        assert seen.minutes_of("pass") == [0, 5, 10, 12]

    def test_each_job_sees_what_was_changed_in_the_meantime(self, workspace: Workspace) -> None:
        text = workspace.config_file.read_text(encoding="utf-8")

        def rename() -> None:
            workspace.config_file.write_text(text.replace('place = ""', 'place = "Xã Hai"'), encoding="utf-8")

        places: list[str] = []

        def look(office: OpenOffice, _stop: Stop, _step: Callable[[], None]) -> Sequence[str]:
            places.append(office.settings.office.place)
            return ()

        play(workspace, Played(6 * MINUTE, {2 * MINUTE: rename}), **{"pass": look})
        assert places == ["", "Xã Hai"]

    def test_a_moment_that_was_asked_for_is_the_now_of_every_job(self, workspace: Workspace) -> None:
        moments: list[datetime] = []

        def look(office: OpenOffice, _stop: Stop, _step: Callable[[], None]) -> Sequence[str]:
            moments.append(office.now)
            return ()

        asked = datetime(2024, 12, 1, tzinfo=UTC)
        service.run(workspace.path, asked, stop=Stop(), jobs={"pass": look}, clock=Played(6 * MINUTE))
        assert moments == [asked, asked]

    def test_the_jobs_themselves_work_in_a_new_workspace(self, workspace: Workspace) -> None:
        seen: list[heartbeat.Heartbeat | None] = []
        clock = Played(MINUTE)
        clock.events[20.0] = lambda: seen.append(heartbeat.read(workspace.state))
        service.run(workspace.path, NIGHT, stop=Stop(), clock=clock)
        assert messages(workspace) == []
        (beat,) = seen
        assert beat
        assert (beat.last_pass, beat.last_remind) == (Done(BEGIN, True), Done(BEGIN, True))
        assert [line["event"] for line in log_of(workspace)][1:-1] == ["pass", "job_done", "remind", "job_done"]


class TestFailures:
    def test_a_job_that_fails_does_not_stop_the_loop_or_the_other_job(self, workspace: Workspace) -> None:
        def fail() -> Sequence[str]:
            raise MendableError("config.toml: the key is missing")

        clock = Played(11 * MINUTE)
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass", fail), "remind": seen.job("remind")})
        assert seen.minutes_of("pass") == [0, 5, 10]
        assert seen.minutes_of("remind") == [0, 7]
        assert messages(workspace) == [("pass", "config.toml: the key is missing")]

    def test_what_failed_is_forgotten_when_it_goes_well_again(self, workspace: Workspace) -> None:
        clock = Played(6 * MINUTE)
        seen = Recorder(clock)
        met: list[list[tuple[str, str]]] = []

        def fail_once() -> Sequence[str]:
            met.append(messages(workspace))
            if clock.seconds == 0:
                raise MendableError("the drive is away")
            return ()

        play(workspace, clock, **{"pass": seen.job("pass", fail_once)})
        assert met == [[], [("pass", "the drive is away")]]
        assert messages(workspace) == []

    def test_what_went_wrong_although_the_job_went_on_is_kept_too(self, workspace: Workspace) -> None:
        clock = Played(MINUTE)
        told = ["a folder cannot be read", "another one neither"]
        play(workspace, clock, **{"pass": Recorder(clock).job("pass", lambda: told)})
        assert messages(workspace) == [("pass", message) for message in told]

    def test_a_mistake_of_ours_is_told_without_its_message(self, workspace: Workspace) -> None:
        def fail() -> Sequence[str]:
            return config.rendered(object())  # type: ignore[arg-type]

        clock = Played(MINUTE)
        play(workspace, clock, **{"pass": Recorder(clock).job("pass", fail)})
        ((_job, message),) = messages(workspace)
        assert "(AttributeError, sync.config:" in message
        assert "items" not in message

    def test_a_workspace_that_another_pass_holds_is_no_trouble(self, workspace: Workspace) -> None:
        def busy() -> Sequence[str]:
            with workspace.lock(), workspace.lock():
                return ()

        clock = Played(6 * MINUTE)
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass", busy)})
        assert seen.minutes_of("pass") == [0, 5]
        assert messages(workspace) == []
        assert [line["job"] for line in log_of(workspace) if line["event"] == "job_busy"] == ["pass", "pass"]

    def test_settings_that_become_unreadable_are_a_trouble_until_they_are_mended(self, workspace: Workspace) -> None:
        text = workspace.config_file.read_text(encoding="utf-8")
        during: list[list[tuple[str, str]]] = []
        clock = Played(
            16 * MINUTE,
            {
                2 * MINUTE: lambda: workspace.config_file.write_text("plan = ", encoding="utf-8"),
                6 * MINUTE: lambda: during.append(messages(workspace)),
                9 * MINUTE: lambda: workspace.config_file.write_text(text, encoding="utf-8"),
            },
        )
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass")})
        assert seen.minutes_of("pass") == [0, 10, 15]
        assert ["config.toml" in message for _job, message in during[0]] == [True]
        assert messages(workspace) == []

    def test_a_note_that_cannot_be_written_does_not_end_it(self, workspace: Workspace) -> None:
        clock = Played(6 * MINUTE)
        seen = Recorder(clock)
        clock.events[MINUTE] = (workspace.state / f".{heartbeat.FILE}.tmp").mkdir
        play(workspace, clock, **{"pass": seen.job("pass")})
        assert seen.minutes_of("pass") == [0, 5]
        assert [line["error"] for line in log_of(workspace) if line["event"] == "note_failed"][:1] == [
            "IsADirectoryError"
        ]

    def test_settings_that_are_unreadable_at_the_start_are_said_at_once(self, workspace: Workspace) -> None:
        workspace.config_file.write_text("plan = ", encoding="utf-8")
        with pytest.raises(config.ConfigError):
            play(workspace, Played(MINUTE), **{"pass": nothing})


class TestEnding:
    def test_it_ends_between_two_jobs(self, workspace: Workspace) -> None:
        stop, clock = Stop(), Played(HOUR)
        seen = Recorder(clock)

        def ask() -> Sequence[str]:
            stop.set()
            return ()

        jobs = {"pass": seen.job("pass", ask), "remind": seen.job("remind")}
        service.run(workspace.path, stop=stop, jobs=jobs, clock=clock)
        assert seen.ran == [("pass", 0)]

    def test_a_pass_ends_between_two_of_its_steps_and_leaves_no_trouble(self, workspace: Workspace) -> None:
        (workspace.inbox / "a.xlsx").write_bytes(b"nothing")
        stop = Stop()
        steps: list[int] = []

        def work(office: OpenOffice, stop_: Stop, step: Callable[[], None]) -> Sequence[str]:
            def counted() -> None:
                steps.append(len(steps))
                stop.set()
                step()

            return look_for_reports(office, stop_, counted)

        service.run(workspace.path, stop=stop, jobs={"pass": work}, clock=Played(HOUR))
        assert steps == [0]
        assert messages(workspace) == []
        assert [line["event"] for line in log_of(workspace)][-2:] == ["job_left", "service_stopped"]
        assert not list(workspace.outputs.iterdir())
        with workspace.lock():
            pass

    @pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_asks_it_to_end_and_what_was_before_is_put_back(self, number: int) -> None:
        before = signal.getsignal(number)
        with service.asked_by_signals() as stop:
            assert not stop.is_set()
            os.kill(os.getpid(), number)
            assert stop.wait(0)
        assert signal.getsignal(number) == before

    @pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
    def test_a_second_ctrl_c_ends_at_once(self) -> None:
        with service.asked_by_signals() as stop:
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.is_set()
            os.kill(os.getpid(), signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)

    def test_a_second_service_in_a_workspace_is_refused(self, workspace: Workspace) -> None:
        def second() -> Sequence[str]:
            with pytest.raises(WorkspaceBusy, match=BUSY):
                play(workspace, Played(MINUTE), **{"pass": nothing})
            with workspace.lock():  # a pass by hand is free to work beside a service that waits
                return ()

        clock = Played(MINUTE)
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass", second)})
        assert messages(workspace) == []


class TestClocks:
    @pytest.mark.parametrize("change", [timedelta(hours=-3), timedelta(days=-400), timedelta(hours=-1)])
    def test_a_clock_that_is_set_back_stops_no_job(self, workspace: Workspace, change: timedelta) -> None:
        clock = Played(16 * MINUTE)
        clock.events[6 * MINUTE] = clock.sets(change)
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass")})
        assert seen.minutes_of("pass") == [0, 5, 10, 15]

    def test_a_clock_that_is_set_forward_costs_one_early_run(self, workspace: Workspace) -> None:
        clock = Played(16 * MINUTE)
        clock.events[6 * MINUTE] = clock.sets(timedelta(days=2))
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass")})
        assert seen.minutes_of("pass") == [0, 5, 6, 11]

    def test_after_the_machine_slept_the_jobs_run_at_once(self, workspace: Workspace) -> None:
        clock = Played(12 * MINUTE)
        clock.events[2 * MINUTE] = clock.sleeps(8 * HOUR)
        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass"), "remind": seen.job("remind")})
        assert seen.minutes_of("pass")[:2] == [0, 2]
        assert seen.minutes_of("remind")[:2] == [0, 2]


class TestHeartbeat:
    def test_it_beats_at_least_once_a_minute_and_says_how_the_jobs_ended(self, workspace: Workspace) -> None:
        beats: list[heartbeat.Heartbeat | None] = []
        clock = Played(3 * MINUTE)
        clock.events = {30.0 * n: lambda: beats.append(heartbeat.read(workspace.state)) for n in range(1, 6)}
        seen = Recorder(clock)
        jobs = {"pass": seen.job("pass"), "remind": seen.job("remind", lambda: ["an address failed"])}
        play(workspace, clock, **jobs)
        assert len(beats) == 5
        gaps = [
            (BEGIN + timedelta(seconds=30 * n) - beat.at).total_seconds() for n, beat in enumerate(beats, 1) if beat
        ]
        assert len(gaps) == 5
        assert all(-20 <= gap <= 60 for gap in gaps)
        last = beats[-1]
        assert last
        assert (last.pid, last.version, last.started) == (os.getpid(), __version__, BEGIN)
        assert last.last_pass == Done(BEGIN, True)
        assert last.last_remind == Done(BEGIN, False)

    def test_it_goes_on_while_a_long_job_takes_its_steps(self, workspace: Workspace) -> None:
        clock = Played(MINUTE)
        seen: list[float] = []

        def long(_office: OpenOffice, _stop: Stop, step: Callable[[], None]) -> Sequence[str]:
            for _ in range(40):
                clock.seconds += 15
                step()
                beat = heartbeat.read(workspace.state)
                assert beat
                seen.append((clock.now() - beat.at).total_seconds())
            return ()

        play(workspace, clock, **{"pass": long})
        assert max(seen) <= 60

    def test_a_service_that_ended_in_order_leaves_none(self, workspace: Workspace) -> None:
        play(workspace, Played(MINUTE), **{"pass": nothing})
        assert heartbeat.read(workspace.state) is None

    def test_the_health_check_tells_a_living_service_from_a_silent_and_a_missing_one(
        self, workspace: Workspace
    ) -> None:
        def check() -> object:
            try:
                heartbeat.main([str(workspace.path)])
            except SystemExit as end:
                return end.code
            return 0

        assert "No service" in str(check())
        now = datetime.now(UTC)
        heartbeat.write(workspace.state, heartbeat.Heartbeat(now, 1, now, "1"))
        assert check() == 0
        heartbeat.write(workspace.state, heartbeat.Heartbeat(now - timedelta(minutes=11), 1, now, "1"))
        assert "silent" in str(check())

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"at": 1}', "\x00", NO_ZONE])
    def test_a_damaged_one_is_none(self, workspace: Workspace, text: str) -> None:
        (workspace.state / heartbeat.FILE).write_text(text, encoding="utf-8")
        assert heartbeat.read(workspace.state) is None

    def test_its_shape_is_kept(self, workspace: Workspace) -> None:
        heartbeat.write(workspace.state, heartbeat.Heartbeat(BEGIN, 7, BEGIN, "1", Done(BEGIN, True)))
        at = "2025-01-20T01:00:00+00:00"
        assert json.loads((workspace.state / heartbeat.FILE).read_text(encoding="utf-8")) == {
            "at": at,
            "pid": 7,
            "started": at,
            "version": "1",
            "last_pass": {"at": at, "ok": True},
            "last_remind": None,
        }


class Watchdog(http.server.BaseHTTPRequestHandler):
    """Counts what is fetched; /moved leads in a circle, /gone is not there."""

    fetched: list[str]

    def do_GET(self) -> None:
        self.fetched.append(self.path)
        self.send_response({"/moved": 302, "/gone": 404}.get(self.path, 200))
        if self.path == "/moved":
            self.send_header("Location", "/moved")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def watchdog() -> Iterator[tuple[str, list[str]]]:
    handler = type("Handler", (Watchdog,), {"fetched": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler.fetched  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


class TestPing:
    def ping_url(self, workspace: Workspace, url: str) -> None:
        text = workspace.config_file.read_text(encoding="utf-8")
        workspace.config_file.write_text(text.replace('ping_url = ""', f'ping_url = "{url}"'), encoding="utf-8")

    def test_it_is_fetched_after_every_pass_that_went_well_and_no_other(
        self, workspace: Workspace, watchdog: tuple[str, list[str]]
    ) -> None:
        base, fetched = watchdog
        self.ping_url(workspace, f"{base}/secret-place")
        clock = Played(16 * MINUTE)
        ends = iter([[], ["a folder cannot be read"], None, []])

        def end() -> Sequence[str]:
            problems = next(ends)
            if problems is None:
                raise MendableError("no")
            return problems

        seen = Recorder(clock)
        play(workspace, clock, **{"pass": seen.job("pass", end), "remind": seen.job("remind")})
        assert len(seen.minutes_of("pass")) == 4
        assert fetched == ["/secret-place"] * 2

    def test_what_is_wrong_with_it_is_only_logged_and_its_address_is_not(
        self, workspace: Workspace, watchdog: tuple[str, list[str]]
    ) -> None:
        base, fetched = watchdog
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            urls = [
                f"{base}/moved",
                f"{base}/gone",
                f"http://127.0.0.1:{nobody.getsockname()[1]}/secret-place",
                "secret-place",
            ]

            def work(_office: OpenOffice, _stop: Stop, _step: Callable[[], None]) -> Sequence[str]:
                for url in urls:
                    ping(SecretStr(url))
                return ()

            play(workspace, Played(MINUTE), **{"pass": work})
        failures = [line for line in log_of(workspace) if line["event"] == "ping_failed"]
        assert [line.get("error") or line["code"] for line in failures] == [
            "TooManyRedirects",
            404,
            "ConnectionError",
            "MissingSchema",
        ]
        assert len(fetched) < 8
        assert "secret-place" not in (workspace.state / "log" / "baocao.log").read_text(encoding="utf-8")
        assert messages(workspace) == []


class TestDeployment:
    """What can be seen of the files in docs/deploy without the systems that they are for."""

    @pytest.mark.parametrize("name", ["baocao.service", "baocao-addin.service"])
    def test_systemd_finds_nothing_wrong_with_the_units(self, tmp_path: Path, name: str) -> None:
        systemd = shutil.which("systemd-analyze")
        if systemd is None:
            pytest.skip("no systemd here")
        text = (DEPLOY / name).read_text(encoding="utf-8")
        # It looks whether the program is there, which it is only where baocao is installed as the unit says.
        unit = tmp_path / name
        there = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE)
        unit.write_text(there, encoding="utf-8")
        verified = subprocess.run([systemd, "verify", unit], capture_output=True, text=True, check=False)
        assert (verified.returncode, verified.stderr) == (0, "")

    def test_the_unit_ends_the_service_and_not_the_processes_that_read(self) -> None:
        lines = (DEPLOY / "baocao.service").read_text(encoding="utf-8").splitlines()
        assert {"KillMode=mixed", "KillSignal=SIGTERM", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(lines)

    def test_the_task_of_windows_is_xml_that_starts_one_service_and_never_ends_it(self) -> None:
        text = (DEPLOY / "windows-task.xml").read_text(encoding="ascii")
        name = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
        task = etree.fromstring(text.encode())
        found = {
            element.tag.removeprefix(name): element.text for element in task.iter() if isinstance(element.tag, str)
        }
        assert found["MultipleInstancesPolicy"] == "IgnoreNew"
        assert found["ExecutionTimeLimit"] == "PT0S"
        assert str(found["Command"]).endswith("baocao.exe")
        assert str(found["Arguments"]).startswith("run ")
        assert "encoding" not in text.splitlines()[0]

    def test_the_container_asks_the_heartbeat(self) -> None:
        text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
        (command,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", text, flags=re.MULTILINE)
        asked = subprocess.run([sys.executable, *json.loads(command)[1:]], capture_output=True, text=True, check=False)
        assert asked.returncode == 1
        assert "/office" in asked.stderr
        assert "Traceback" not in asked.stderr
