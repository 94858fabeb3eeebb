"""Setting up the buttons in Excel, on machines of each system, and taking them away."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sync.desktop.installing import ExcelError, Machine, Removed, install, remove, this_machine, workspace_of_excel
from sync.outputs import build_macros, excel_addin
from sync.setup import make_workspace
from sync.workspace import WorkspaceError

pytestmark = pytest.mark.usefixtures("english")
INTERPRETER = r"C:\Phòng GD\Scripts\python.exe"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("excel") / "Phòng GD", "thu-thua-2020-2025").path


@pytest.fixture
def windows(tmp_path: Path) -> Machine:
    return Machine("windows", tmp_path, tmp_path / "AppData" / "XLSTART", INTERPRETER)


@pytest.fixture
def mac(tmp_path: Path) -> Machine:
    return Machine("macos", tmp_path, tmp_path / "Library" / "Excel", "/Users/mot/venv/bin/python")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_installing_puts_the_addin_with_this_python_into_the_start_folder(office: Path, windows: Machine) -> None:
    done = install(office, machine=windows)
    addin = windows.home / "AppData" / "XLSTART" / "bao-cao.xlam"
    assert (done.written, done.addin, done.interpreter) == ([str(addin)], str(addin), INTERPRETER)
    assert sorted(files_in(windows.home)) == [".baocao-excel.json", "AppData/XLSTART/bao-cao.xlam"]
    committed = (build_macros.folder() / excel_addin.NAME).read_bytes()
    assert addin.read_bytes() == excel_addin.with_rows(committed, {"INTERPRETER_WIN": INTERPRETER})
    assert workspace_of_excel(windows) == office


def test_installing_again_changes_nothing_and_another_python_is_put_in(office: Path, windows: Machine) -> None:
    first = install(office, machine=windows)
    before = files_in(windows.home)
    again = install(office, machine=windows)
    assert (again.written, again.unchanged, files_in(windows.home)) == ([], first.written, before)
    moved = install(office, machine=replace(windows, interpreter=r"D:\python.exe"))
    assert moved.written == first.written
    assert rb"D:\python.exe" in Path(moved.addin).read_bytes()
    assert remove(windows) == Removed(first.written, [])
    assert files_in(windows.home) == {}


def test_an_addin_of_somebody_else_is_never_replaced(office: Path, windows: Machine) -> None:
    assert windows.startup
    windows.startup.mkdir(parents=True)
    theirs = windows.startup / "bao-cao.xlam"
    theirs.write_bytes(b"theirs")
    with pytest.raises(ExcelError, match="not from here"):
        install(office, machine=windows)
    assert files_in(windows.home) == {"AppData/XLSTART/bao-cao.xlam": b"theirs"}


def test_an_addin_that_was_changed_since_is_neither_replaced_nor_removed(office: Path, windows: Machine) -> None:
    addin = Path(install(office, machine=windows).addin)
    addin.write_bytes(b"changed")
    with pytest.raises(ExcelError, match="not from here"):
        install(office, machine=windows)
    assert remove(windows) == Removed([], [str(addin)])
    assert files_in(windows.home) == {"AppData/XLSTART/bao-cao.xlam": b"changed"}


def test_a_link_in_the_place_of_the_addin_is_not_followed(office: Path, windows: Machine) -> None:
    assert windows.startup
    windows.startup.mkdir(parents=True)
    elsewhere = windows.home / "elsewhere.xlam"
    (windows.startup / "bao-cao.xlam").symlink_to(elsewhere)
    with pytest.raises(ExcelError, match="not from here"):
        install(office, machine=windows)
    assert not elsewhere.exists()


def test_in_another_folder_the_addin_is_there_only(office: Path, windows: Machine) -> None:
    first = install(office, machine=windows)
    done = install(office, windows.home / "to", windows)
    assert (done.written, done.removed) == ([str(windows.home / "to" / "bao-cao.xlam")], first.written)
    assert sorted(files_in(windows.home)) == [".baocao-excel.json", "to/bao-cao.xlam"]


def test_on_a_mac_the_script_that_starts_python_is_installed_too(office: Path, mac: Machine) -> None:
    script = mac.home / "Library/Application Scripts/com.microsoft.Excel/xlwings-0.37.8.applescript"
    script.parent.mkdir(parents=True)
    script.write_bytes((build_macros.folder() / script.name).read_bytes())
    done = install(office, machine=mac)
    assert (done.written, done.unchanged) == ([str(mac.home / "Library" / "Excel" / "bao-cao.xlam")], [str(script)])
    assert b"INTERPRETER_MAC" in Path(done.addin).read_bytes()
    # It was there before, for whatever else uses xlwings: it stays.
    assert (remove(mac).removed, script.is_file()) == (done.written, True)


def test_on_a_mac_a_script_that_came_from_here_goes_again(office: Path, mac: Machine) -> None:
    first = install(office, machine=mac)
    assert len(first.written) == 2
    assert sorted(remove(mac).removed) == sorted(first.written)
    assert files_in(mac.home) == {}


def test_on_a_mac_a_python_that_its_shell_would_misread_is_refused(office: Path, mac: Machine) -> None:
    for path in ("/Users/mot hai/bin/python", "/Users/$(id)/python", "/Users/a;b/python"):
        with pytest.raises(ExcelError, match="spaces or signs"):
            install(office, machine=replace(mac, interpreter=path))
    assert files_in(mac.home) == {}


@pytest.mark.parametrize(
    ("platform", "system", "startup"),
    [
        ("win32", "windows", "Roaming/Microsoft/Excel/XLSTART"),
        (
            "darwin",
            "macos",
            "home/Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel",
        ),
        ("linux", "linux", None),
    ],
)
def test_the_start_folder_is_where_excel_has_it_by_default(
    platform: str, system: str, startup: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setattr(sys, "platform", platform)
    expected = tmp_path / startup if startup else None
    assert this_machine() == Machine(system, tmp_path / "home", expected, sys.executable)


def test_without_excel_it_says_so_and_writes_nothing(office: Path, tmp_path: Path) -> None:
    with pytest.raises(ExcelError, match="--to"):
        install(office, machine=Machine("linux", tmp_path, None, "/usr/bin/python3"))
    assert files_in(tmp_path) == {}


def test_only_a_workspace_can_be_worked_in(windows: Machine) -> None:
    with pytest.raises(WorkspaceError):
        install(windows.home / "nothing", machine=windows)
    assert files_in(windows.home) == {}


def test_a_file_that_excel_holds_open_is_told(office: Path, windows: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(ExcelError, match="Close Excel"):
        install(office, machine=windows)
    monkeypatch.undo()
    # Nothing half-done is in the way of the next try.
    assert install(office, machine=windows).unchanged == []


@pytest.mark.parametrize("content", ["", "[]", '{"workspace": 7}', "{"])
def test_a_damaged_record_is_told_and_not_believed(content: str, office: Path, windows: Machine) -> None:
    install(office, machine=windows)
    windows.record.write_text(content, encoding="utf-8")
    for attempt in (lambda: remove(windows), lambda: workspace_of_excel(windows)):
        with pytest.raises(ExcelError, match="damaged"):
            attempt()


def test_a_record_names_only_what_was_installed(office: Path, windows: Machine) -> None:
    """Its files are deleted by content: a path that somebody wrote into it deletes nothing."""
    install(office, machine=windows)
    precious = windows.home / "precious.txt"
    precious.write_text("kept", encoding="utf-8")
    record = json.loads(windows.record.read_text(encoding="utf-8"))
    record["files"][str(precious)] = "0" * 64
    windows.record.write_text(json.dumps(record), encoding="utf-8")
    assert remove(windows).left == [str(precious)]
    assert precious.read_text(encoding="utf-8") == "kept"
