"""The doctor: a healthy office, and each symptom provoked once."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from sync import __version__, control, doctor, heartbeat, i18n, office, passes, troubles
from sync.doctor import CATALOGUE, Symptom
from sync.doctor.case import Case
from sync.heartbeat import Heartbeat
from sync.ledger import Ledger
from sync.periods import Periods
from sync.schools import Schools
from sync.setup import make_workspace
from sync.workspace import Workspace
from tests.fakes.google import ACCOUNT, API_OFF, GoogleServer
from tests.fakes.offices import CAST, PLAN, ZONE, send
from tests.fakes.smtp import SmtpServer

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
CLOCK = NOW + timedelta(minutes=4)
Usage = namedtuple("Usage", "total used free")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="time zone of the process, file modes")


@pytest.fixture(autouse=True)
def _english_in_vietnam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with i18n.using("en"):
        monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
        time.tzset()
        yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in which nothing is wrong, with a pass behind it."""
    folder = tmp_path_factory.mktemp("doctor") / "office"
    settings = {"office": {"email": "so-lieu@phong.example.vn"}, "mail": {"security": "none", "login": "none"}}
    workspace = make_workspace(folder, PLAN.code, settings)
    whole = control.read(workspace.control_file, PLAN, ZONE)
    schools = Schools(tuple(replace(each, emails=(f"{each.code}@example.vn",)) for each in CAST))
    control.write(workspace.control_file, replace(whole, schools=schools), PLAN)
    send(folder, "TH01")
    passes.run(office.open_office(folder, NOW))
    return folder


@dataclass
class Patient:
    """A copy of the healthy office, and what can be made ill about it."""

    workspace: Workspace
    server: SmtpServer
    google: GoogleServer
    patched: pytest.MonkeyPatch
    as_of: datetime | None = NOW + timedelta(minutes=3)

    def examine(self) -> list[Symptom]:
        return doctor.examine(self.workspace.path, self.as_of, clock=CLOCK)

    def settle(self, changes: Mapping[str, Any]) -> None:
        file = self.workspace.config_file
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
        for key, value in changes.items():
            if isinstance(value, Mapping):
                document[key].update(value)
            else:
                document[key] = value
        file.write_text(tomlkit.dumps(document), encoding="utf-8")

    def recontrol(self, change: Callable[[control.Control], control.Control]) -> None:
        file = self.workspace.control_file
        control.write(file, change(control.read(file, PLAN, ZONE)), PLAN)

    def beat(self, at: datetime, version: str = __version__) -> None:
        heartbeat.write(self.workspace.state, Heartbeat(at, 7, at, version))

    def sql(self, statement: str) -> None:
        with sqlite3.connect(self.workspace.ledger_file) as ledger:
            ledger.execute(statement)
        ledger.close()

    def disk(self, megabytes: int) -> None:
        self.patched.setattr(shutil, "disk_usage", lambda _path: Usage(1 << 40, 0, megabytes << 20))


@pytest.fixture
def patient(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    folder = tmp_path / "office"
    shutil.copytree(made, folder)
    with SmtpServer() as server, GoogleServer() as google:
        healthy = Patient(Workspace(folder), server, google, monkeypatch)
        sender = {"host": server.host, "port": server.port, "sender": "so-lieu@phong.example.vn"}
        healthy.settle({"mail": {**sender, "timeout_seconds": 1}})
        healthy.beat(CLOCK)
        yield healthy


def replace_by_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def no_workspace(patient: Patient) -> None:
    patient.workspace.config_file.unlink()


def plan_wrong(patient: Patient) -> None:
    (patient.workspace.path / "plan.toml").write_text("code = 1", encoding="utf-8")
    patient.settle({"plan": "plan.toml"})


def no_schools(patient: Patient) -> None:
    patient.recontrol(lambda whole: replace(whole, schools=Schools()))


def schools_without_email(patient: Patient) -> None:
    patient.recontrol(lambda whole: replace(whole, schools=CAST))


def reminders_do_not_fit(patient: Patient) -> None:
    def late(whole: control.Control) -> control.Control:
        periods = [replace(each, reminders=(date(2025, 12, 1),)) for each in whole.periods if each.key.endswith("HK1")]
        return replace(whole, periods=Periods(tuple(periods)))

    patient.recontrol(late)


def no_ledger(patient: Patient) -> None:
    patient.workspace.ledger_file.unlink()


def empty_ledger(patient: Patient) -> None:
    no_ledger(patient)
    Ledger.open(patient.workspace.ledger_file).close()


def archive_incomplete(patient: Patient) -> None:
    next(file for file in patient.workspace.archive.rglob("*") if file.is_file()).unlink()


def mail_refused(patient: Patient) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        patient.settle({"mail": {"port": nobody.getsockname()[1]}})


def letters_wrong(patient: Patient) -> None:
    patient.workspace.letter_templates.mkdir()
    (patient.workspace.letter_templates / "digst.jinja").write_text("{{", encoding="utf-8")


def elsewhere(patient: Patient) -> None:
    patient.patched.setenv("TZ", "UTC")
    time.tzset()


def clock_apart(patient: Patient) -> None:
    patient.patched.setattr("sync.doctor.places.time.time", lambda: datetime.now(UTC).timestamp() + 3600)


def with_google(patient: Patient, **settings: str) -> str:
    """The office works with Google, and a school has a spreadsheet in its Shared Drive; the id of that."""
    drive = patient.google.add_drive("Báo cáo")
    made = patient.google.add_spreadsheet("TH01", {"Trang": []}, folder=drive)
    patient.google.share(made, "writer", "th01@example.vn")
    key_file = str(patient.google.key_file(patient.workspace.path))
    patient.settle(
        {"google": {"key_file": key_file, "endpoint": patient.google.url, "shared_drive": drive, **settings}}
    )

    def bind(whole: control.Control) -> control.Control:
        bound = (replace(each, spreadsheet=made if each.code == "TH01" else "") for each in whole.schools)
        return replace(whole, schools=Schools(tuple(bound)))

    patient.recontrol(bind)
    return made


def google_refuses(patient: Patient) -> None:
    with_google(patient)
    patient.google.fail("drive.files.list", API_OFF)


def google_shuts_a_school_out(patient: Patient) -> None:
    patient.google.unshare(with_google(patient), "th01@example.vn")


def check_crashes(patient: Patient) -> None:
    def crash(*_arguments: object) -> None:
        raise KeyError("a@b.vn")

    patient.patched.setattr(troubles, "current", crash)


ADDIN = {"hostname": "baocao.example.org"}


def addin_without_its_extra(patient: Patient) -> None:
    patient.settle({"addin": ADDIN})
    patient.patched.setattr("sync.serving.starting.find_spec", lambda _name: None)


PROVOKED: dict[str, Callable[[Patient], object]] = {
    "no-workspace": no_workspace,
    "settings-wrong": lambda patient: patient.settle({"plan": 1, "languag": "vi"}),
    "time-stands-still": lambda patient: patient.settle({"as_of": NOW}),
    "plan-wrong": plan_wrong,
    "folder-missing": lambda patient: shutil.rmtree(patient.workspace.templates),
    "folder-read-only": lambda patient: replace_by_file(patient.workspace.outputs),
    "inbox-unreadable": lambda patient: replace_by_file(patient.workspace.inbox),
    "secret-missing": lambda patient: (patient.workspace.state / "secret").unlink(),
    "secret-damaged": lambda patient: (patient.workspace.state / "secret").write_bytes(b"short"),
    "secret-open": lambda patient: (patient.workspace.state / "secret").chmod(0o640),
    "disk-low": lambda patient: patient.disk(1023),
    "disk-full": lambda patient: patient.disk(199),
    "control-wrong": lambda patient: patient.workspace.control_file.write_bytes(b"PK"),
    "no-schools": no_schools,
    "schools-without-email": schools_without_email,
    "officer-without-email": lambda patient: patient.settle({"office": {"email": ""}}),
    "reminders-do-not-fit": reminders_do_not_fit,
    "ledger-none": no_ledger,
    "ledger-broken": lambda patient: patient.workspace.ledger_file.write_bytes(b"no database" * 1000),
    "ledger-old": lambda patient: patient.sql("UPDATE alembic_version SET version_num = '0001'"),
    "ledger-newer": lambda patient: patient.sql("UPDATE alembic_version SET version_num = '9999'"),
    "archive-incomplete": archive_incomplete,
    "last-pass-old": lambda patient: setattr(patient, "as_of", NOW + timedelta(days=2)),
    "no-pass-yet": empty_ledger,
    "clock-behind": lambda patient: setattr(patient, "as_of", NOW - timedelta(minutes=1)),
    "clock-apart": clock_apart,
    "zone-apart": elsewhere,
    "mail-refused": mail_refused,
    "mail-none": lambda patient: patient.settle({"mail": {"host": ""}}),
    "letters-wrong": letters_wrong,
    "google-fine": with_google,
    "google-refused": google_refuses,
    "google-no-place": lambda patient: with_google(patient, shared_drive=""),
    "google-unseen": lambda patient: patient.google.trash(with_google(patient)),
    "google-no-access": google_shuts_a_school_out,
    "google-publish-refused": lambda patient: with_google(patient, publish_to="1" + "x" * 43),
    "addin-fine": lambda patient: patient.settle({"addin": ADDIN}),
    "addin-not-installed": addin_without_its_extra,
    "addin-wrong": lambda patient: patient.settle(
        {"addin": {**ADDIN, "certificate": "gone.pem", "certificate_key": "gone.key"}}
    ),
    "addin-no-keys": lambda patient: patient.settle({"addin": ADDIN}),
    "service-none": lambda patient: heartbeat.stop(patient.workspace.state),
    "service-silent": lambda patient: patient.beat(CLOCK - timedelta(minutes=11)),
    "service-other-version": lambda patient: patient.beat(CLOCK, "0.0.1"),
    "job-failed": lambda patient: troubles.note(patient.workspace, "pass", NOW, "the drive is away"),
    "check-crashed": check_crashes,
}
FINE = {
    "settings-fine",
    "plan-fine",
    "folders-fine",
    "inbox-fine",
    "secret-fine",
    "disk-fine",
    "control-fine",
    "ledger-fine",
    "archive-fine",
    "last-pass",
    "clock-fine",
    "zone-fine",
    "mail-fine",
    "letters-fine",
    "service-fine",
    "version",
}


def ids(symptoms: list[Symptom]) -> set[str]:
    return {each.id for each in symptoms}


def everything(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes()) for path in files} | {
        str(path): (0, 0, b"") for path in sorted(folder.rglob("*")) if path.is_dir()
    }


def test_of_a_healthy_office_all_is_well(patient: Patient) -> None:
    patient.disk(5000)
    found = patient.examine()
    assert ids(found) == FINE
    assert {each.severity for each in found} == {"ok"}
    assert not any(each.hint for each in found)


@pytest.mark.parametrize("name", PROVOKED)
def test_each_symptom_is_seen_said_and_mended_by_nobody(patient: Patient, name: str) -> None:
    patient.disk(5000)
    PROVOKED[name](patient)
    before = everything(patient.workspace.path)
    found = patient.examine()
    (first, *_more) = [each for each in found if each.id == name]
    entry = CATALOGUE[name]
    assert first.severity == entry.severity
    assert first.message
    assert "{" not in first.message + first.hint
    assert bool(first.hint) == (entry.severity != "ok")
    assert everything(patient.workspace.path) == before
    if name != "check-crashed":
        assert "check-crashed" not in ids(found), [each.message for each in found]


def test_every_symptom_of_the_catalogue_is_provoked_here() -> None:
    assert set(CATALOGUE) == set(PROVOKED) | FINE
    assert all(bool(entry.hint) == (entry.severity != "ok") for entry in CATALOGUE.values())


def test_every_problem_of_the_settings_is_a_symptom_of_its_own(patient: Patient) -> None:
    PROVOKED["settings-wrong"](patient)
    messages = [each.message for each in patient.examine() if each.id == "settings-wrong"]
    assert [("plan" in message, "languag" in message) for message in messages] == [(False, True), (True, False)]


def test_what_needs_no_settings_is_looked_at_without_them(patient: Patient) -> None:
    no_workspace(patient)
    (patient.workspace.state / "secret").unlink()
    assert {"no-workspace", "folders-fine", "secret-missing", "service-fine", "version"} <= ids(patient.examine())


def test_a_folder_that_is_none_or_empty_is_no_workspace_and_stays_as_it_is(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        found = doctor.examine(folder, clock=CLOCK)
        assert ids(found) <= {"no-workspace", "disk-fine", "disk-low", "disk-full", "version"}
        assert "no-workspace" in ids(found)
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_crashes_is_told_as_ours_without_its_message_and_the_others_go_on(patient: Patient) -> None:
    check_crashes(patient)
    found = patient.examine()
    (crash,) = [each for each in found if each.id == "check-crashed"]
    expected = r"The doctor could not look at 'jobs': KeyError sync\.doctor\.running:\d+ jobs"
    assert re.fullmatch(expected, crash.message)
    assert "a@b.vn" not in crash.message + crash.hint
    assert "version" in ids(found)


def test_schools_that_closed_need_no_address(patient: Patient) -> None:
    closed = Schools(tuple(replace(each, closed_on=date(2024, 12, 31)) for each in CAST.schools[:1]))
    patient.recontrol(lambda whole: replace(whole, schools=closed))
    assert "schools-without-email" not in ids(patient.examine())


def test_of_many_schools_without_an_address_the_first_codes_are_named(patient: Patient) -> None:
    many = Schools(tuple(replace(CAST.schools[0], code=f"TH{number:02}") for number in range(9)))
    patient.recontrol(lambda whole: replace(whole, schools=many))
    (message,) = [each.message for each in patient.examine() if each.id == "schools-without-email"]
    assert "9 (TH00, TH01, TH02, TH03, TH04 …)" in message


def test_reminder_dates_of_a_report_that_is_over_are_left_alone(patient: Patient) -> None:
    reminders_do_not_fit(patient)
    patient.as_of = datetime(2030, 1, 1, tzinfo=ZONE)
    assert "reminders-do-not-fit" not in ids(patient.examine())


def test_a_file_that_was_too_large_to_be_kept_is_not_missed(patient: Patient) -> None:
    archive_incomplete(patient)
    patient.settle({"intake": {"max_file_mb": 1}})
    patient.sql(f"UPDATE receipt SET size = {(1 << 20) + 1}")
    assert "archive-fine" in ids(patient.examine())


def test_the_mail_server_is_logged_in_to_and_no_letter_is_begun(patient: Patient) -> None:
    patient.examine()
    assert patient.server.connections == 1
    assert not patient.server.commands("MAIL", "RCPT", "DATA")


def test_a_password_in_the_ledgers_address_is_not_said(patient: Patient) -> None:
    patient.settle({"ledger": {"url": "postgresql://baocao:geheim@127.0.0.1:1/baocao"}})
    found = patient.examine()
    assert "ledger-broken" in ids(found)
    assert "geheim" not in json.dumps(doctor.document(found))


def test_the_document_has_its_shape(patient: Patient) -> None:
    document = doctor.document(patient.examine())
    assert list(document) == ["findings"]
    assert all(list(each) == ["id", "severity", "message", "hint"] for each in document["findings"])
    assert json.loads(json.dumps(document)) == document


def test_a_moment_without_a_time_zone_is_the_offices(made: Path) -> None:
    case = Case(Workspace(made), datetime(2025, 1, 20, 8), CLOCK)  # noqa: DTZ001 - what a person types
    assert case.office.now == NOW


def google_ids(patient: Patient) -> set[str]:
    return {name for name in ids(patient.examine()) if name.startswith("google")}


def test_of_google_all_is_well_where_the_spreadsheet_of_each_school_is_in_sight(patient: Patient) -> None:
    with_google(patient)
    [fine] = [each for each in patient.examine() if each.id.startswith("google")]
    assert fine.message == f"Google accepts {ACCOUNT}; spreadsheets of schools in sight: 1."
    asked = {"drive.files.get", "drive.files.list", "drive.permissions.list", "sheets.spreadsheets.get"}
    assert set(patient.google.counted()) == {"oauth2.token", *asked}


def test_a_key_that_cannot_be_read_is_told_with_its_place(patient: Patient) -> None:
    with_google(patient, key_file="khong-co.json")
    [refused] = [each for each in patient.examine() if each.id == "google-refused"]
    assert "khong-co.json" in refused.message
    assert google_ids(patient) == {"google-refused"}


@pytest.mark.parametrize(
    ("method", "words"),
    [("drive.files.list", "turned off"), ("sheets.spreadsheets.get", "turned off"), ("drive.files.get", "turned off")],
)
def test_an_api_that_is_off_is_told_in_the_officers_words(method: str, words: str, patient: Patient) -> None:
    with_google(patient)
    patient.google.fail(method, API_OFF)
    [refused] = [each for each in patient.examine() if each.id == "google-refused"]
    assert words in refused.message
    assert "https://console.developers.google.com" in refused.message


def test_a_folder_that_google_does_not_show_is_told_with_the_address_to_share_with(patient: Patient) -> None:
    with_google(patient, folder="1" + "y" * 43, shared_drive="")
    [refused] = [each for each in patient.examine() if each.id == "google-refused"]
    assert ACCOUNT in refused.message


def test_in_a_folder_of_a_person_nothing_can_be_made(patient: Patient) -> None:
    with_google(patient, shared_drive="", folder=patient.google.add_folder("Của một người"))
    assert "google-no-place" in google_ids(patient)


def test_where_google_is_not_used_nobody_asks_it(patient: Patient) -> None:
    assert google_ids(patient) == set()
    assert list(patient.google.requests) == []


def test_publishing_to_what_is_no_link_is_told(patient: Patient) -> None:
    with_google(patient, publish_to="Tổng hợp")
    assert google_ids(patient) == {"google-fine", "google-publish-refused"}


def test_with_a_control_workbook_that_cannot_be_read_google_is_still_asked(patient: Patient) -> None:
    with_google(patient)
    patient.workspace.control_file.write_bytes(b"PK")
    assert google_ids(patient) == {"google-fine"}
