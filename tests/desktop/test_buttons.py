"""The buttons in Excel, pressed on workbooks of xlwings' remote engine: what the person sees, what is done."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings
from xlwings import Book

from sync import addin, desktop
from sync.addin import Outcome
from sync.desktop.buttons import UNREACHABLE
from sync.desktop.installing import install
from sync.errors import MendableError
from sync.office import OpenOffice
from tests.fakes.excel_engine import Excel as Desktop
from tests.fakes.offices import FAULTY, office_of_cast, send
from tests.fakes.remote_books import payload_of, payload_of_sheets, remote_book


@dataclass
class Excel:
    """The part of Excel that answers a person: what was shown, and what is answered to a question."""

    answer: str = "ok"
    shown: list[tuple[str, str | None, str]] = field(default_factory=list)

    def alert(self, prompt: str, title: str | None = None, buttons: str = "ok", mode: str | None = None) -> str:
        assert title == "Báo cáo"
        self.shown.append((prompt, mode, buttons))
        return self.answer

    @property
    def said(self) -> str:
        [(prompt, _, _)] = self.shown
        return prompt


class OpenBook:
    """A workbook of the remote engine that is open in that Excel."""

    def __init__(self, payload: dict[str, Any], excel: Excel) -> None:
        self._book, self.app = remote_book(payload), excel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book, name)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace that the buttons were set up for."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    made = office_of_cast(tmp_path / "office")
    install(made.path, to=tmp_path / "start")
    return made.path


@pytest.fixture
def excel() -> Excel:
    return Excel()


@pytest.fixture
def open_book(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a workbook in Excel, from which the next button is pressed."""
    opened: list[OpenBook] = []

    def open_(payload: dict[str, Any]) -> OpenBook:
        opened.append(OpenBook(payload, excel))
        monkeypatch.setattr(Book, "caller", lambda: opened[-1])
        return opened[-1]

    yield open_
    for book in opened:
        book.close()


def report(workspace: Path, changes: dict[tuple[str, str, str], Any] | None = None) -> dict[str, Any]:
    file = send(workspace, "TH01", changes)
    content = file.read_bytes()
    file.unlink()
    return payload_of(content)


def log(workspace: Path) -> list[dict[str, Any]]:
    file = workspace / ".baocao" / "log" / "excel.log"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def handed_in(workspace: Path) -> list[Path]:
    return [path for path in (workspace / ".baocao" / "handed-in").rglob("*") if path.is_file()]


def test_check_shows_the_sheet_with_what_is_to_mend(workspace: Path, excel: Excel, open_book: Any) -> None:
    book = open_book(report(workspace, FAULTY))
    desktop.check()
    assert [mode for _, mode, _ in excel.shown] == ["critical"]
    activated = [action for action in book.json()["actions"] if action["func"] == "activateSheet"]
    assert [book.sheets[action["args"][0]].name for action in activated] == ["Kiểm tra"]
    assert handed_in(workspace) == []


def test_submit_hands_in_a_sound_report(workspace: Path, excel: Excel, open_book: Any) -> None:
    open_book(report(workspace))
    desktop.submit()
    assert [mode for _, mode, _ in excel.shown] == ["info"]
    assert len(handed_in(workspace)) == 1
    assert log(workspace) == []


def test_another_workbook_is_told_so(workspace: Path, excel: Excel, open_book: Any) -> None:
    book = open_book(payload_of_sheets({"Trang tính1": [["Danh sách"]]}))
    for button in (desktop.check, desktop.submit, desktop.refresh):
        excel.shown.clear()
        button()
        assert [mode for _, mode, _ in excel.shown] == ["critical"]
        assert "Traceback" not in excel.said
    assert (book.json()["actions"], handed_in(workspace), log(workspace)) == ([], [], [])


def test_buttons_that_were_not_set_up_say_what_to_run(
    excel: Excel, open_book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    desktop.check()
    assert "baocao excel install" in excel.said


def test_a_mistake_of_ours_is_in_the_log_and_not_on_the_screen(
    workspace: Path, excel: Excel, open_book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Outcome:
        raise RuntimeError("0912 345 678")

    monkeypatch.setattr(addin, "check", broken)
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    desktop.check()
    assert "RuntimeError" not in excel.said
    assert "0912" not in excel.said
    [line] = log(workspace)
    assert (line["event"], line["error"]) == ("desktop", "RuntimeError")
    assert "0912" not in json.dumps(line)


@pytest.mark.parametrize(("answer", "confirmed"), [("yes", [False, False, True]), ("no", [False])])
def test_letters_leave_only_after_a_yes(
    answer: str,
    confirmed: list[bool],
    workspace: Path,
    excel: Excel,
    open_book: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bool] = []

    def remind(_book: object, _office: object, confirmed: bool) -> Outcome:
        asked.append(confirmed)
        return Outcome(True, confirmed, "đã gửi" if confirmed else "3 thư")

    monkeypatch.setattr(addin, "remind", remind)
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    excel.answer = answer
    desktop.remind()
    assert asked == confirmed
    assert excel.shown[0] == ("3 thư", None, "yes_no")
    assert [prompt for prompt, _, _ in excel.shown[1:]] == (["đã gửi"] if answer == "yes" else [])


def test_what_changed_while_the_officer_thought_is_asked_again_as_of_the_moment_of_the_answer(
    workspace: Path, excel: Excel, open_book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = ["3 thư", "2 thư", "2 thư"]
    asked: list[tuple[bool, float]] = []

    def remind(_book: object, office: OpenOffice, confirmed: bool) -> Outcome:
        asked.append((confirmed, office.now.timestamp()))
        return Outcome(True, confirmed, "đã gửi" if confirmed else lists.pop(0))

    monkeypatch.setattr(addin, "remind", remind)
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    excel.answer = "yes"
    desktop.remind()
    assert [prompt for prompt, _, _ in excel.shown] == ["3 thư", "2 thư", "đã gửi"]
    assert [confirmed for confirmed, _ in asked] == [False, False, False, True]
    assert len({moment for _, moment in asked}) == 3


def test_a_list_that_is_empty_by_the_time_of_the_answer_sends_nothing(
    workspace: Path, excel: Excel, open_book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = [Outcome(True, False, "3 thư"), Outcome(False, False, "Ngoài giờ làm việc.")]

    def remind(_book: object, _office: OpenOffice, confirmed: bool) -> Outcome:
        return Outcome(True, True, "gửi") if confirmed else lists.pop(0)

    monkeypatch.setattr(addin, "remind", remind)
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    excel.answer = "yes"
    desktop.remind()
    assert [prompt for prompt, _, _ in excel.shown] == ["3 thư", "Ngoài giờ làm việc."]


@pytest.fixture
def pressed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Presses a button on a workbook that is open in Excel itself, and gives the one message and its mode."""

    def press(button: Callable[[], None], opened: Desktop) -> tuple[str, str]:
        said: list[tuple[str, str]] = []

        class Shown:
            app = SimpleNamespace(alert=lambda text, _title, mode: said.append((text, mode)))

            def __getattr__(self, name: str) -> Any:
                return getattr(opened.book, name)

        monkeypatch.setattr(Book, "caller", Shown)
        # Which of several Excels is in front only Windows and macOS can tell.
        monkeypatch.setattr(type(xlwings.apps), "active", opened.book.app)
        button()
        [message] = said
        return message

    return press


def opened_in_excel(workspace: Path, changes: dict[tuple[str, str, str], Any] | None = None) -> Desktop:
    file = send(workspace, "TH01", changes)
    content = file.read_bytes()
    file.unlink()
    return Desktop(content, "C:/bao-cao.xlsx")


def test_what_was_handed_in_is_said_to_be_also_where_the_sheet_for_answers_is_locked(
    workspace: Path, pressed: Any
) -> None:
    opened = opened_in_excel(workspace)
    opened.sheet("Kiểm tra").is_protected = True
    text, mode = pressed(desktop.submit, opened)
    assert mode == "info"
    assert text.startswith("Đã nộp lúc")
    assert "Kiểm tra" in text
    assert (len(handed_in(workspace)), log(workspace)) == (1, [])


def test_findings_are_told_also_where_their_sheet_is_hidden(workspace: Path, pressed: Any) -> None:
    opened = opened_in_excel(workspace, FAULTY)
    opened.sheet("Kiểm tra").is_hidden = True
    text, mode = pressed(desktop.check, opened)
    assert (mode, log(workspace)) == ("critical", [])
    assert text.startswith("Chưa đạt: 4 lỗi")
    assert "khoá" not in text


def test_where_nothing_is_due_nothing_is_asked(
    workspace: Path, excel: Excel, open_book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addin, "remind", lambda *_, confirmed: Outcome(False, confirmed, "Chưa có thư nào."))
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    desktop.remind()
    assert excel.shown == [("Chưa có thư nào.", "info", "ok")]


def test_what_a_user_can_mend_is_said_as_it_is(
    workspace: Path, excel: Excel, open_book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> Outcome:
        raise MendableError("Đang có lượt khác.")

    monkeypatch.setattr(addin, "refresh", busy)
    open_book(payload_of_sheets({"Trang tính1": [[1]]}))
    desktop.refresh()
    assert (excel.said, log(workspace)) == ("Đang có lượt khác.", [])


def test_the_command_of_the_macros_ends_in_one_plain_sentence_where_there_is_no_excel(tmp_path: Path) -> None:
    # In a folder with a module of the name of ours: -P keeps Python from taking it.
    (tmp_path / "sync.py").write_text("raise SystemExit('taken')", encoding="ascii")
    command = (
        'import xlwings.utils;xlwings.utils.prepare_sys_path("false;;;;;"); import sync.desktop; sync.desktop.check()'
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-B", "-c", command, "--wb=Báo cáo.xlsx", "--from_xl=1", "--app=Excel", "--hwnd=7"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", UNREACHABLE)
    assert UNREACHABLE.isascii()
