"""`baocao excel install` and `remove`: the add-in in Excel's start folder, and which workspace its buttons work in.

Excel opens what lies in its start folder whenever it starts, and trusts it. The add-in is a copy of `bao-cao.xlam` with
this Python's path in its sheet. A record in the user's folder (`.baocao-excel.json`) has the workspace and the SHA-256
of each file that was put anywhere. A file that is not as the record has it is somebody else's: it is never replaced or
removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.outputs import excel_addin
from sync.shipped import shipped
from sync.workspace import Workspace, staged

RECORD = ".baocao-excel.json"
_MAC_SCRIPTS = Path("Library/Application Scripts/com.microsoft.Excel")
_MAC_START = Path("Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel")
_UNFIT = re.compile(r"[^\w/.+@-]")
"""What a shell would not leave alone in the interpreter's path: xlwings' AppleScript does not quote it."""


class ExcelError(MendableError):
    """The buttons cannot be set up, or are not."""


@dataclass(frozen=True)
class Machine:
    """The officer's machine. system: "windows", "macos" or "linux". startup: Excel's start folder, None without Excel.

    interpreter: the Python that the buttons start.
    """

    system: str
    home: Path
    startup: Path | None
    interpreter: str

    @property
    def record(self) -> Path:
        """Where it is remembered what was installed."""
        return self.home / RECORD


@dataclass(frozen=True)
class Installed:
    """What `install` did: the files it wrote, those that were so already, and an older add-in that it removed."""

    workspace: str
    addin: str
    interpreter: str
    record: str
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Removed:
    """What `remove` did: files that it deleted, and files that it left because they are not as they were installed."""

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def this_machine() -> Machine:
    """The machine that this runs on. Excel is not started: its start folder is where it is by default."""
    home = Path.home()
    if sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
        return Machine("windows", home, roaming / "Microsoft" / "Excel" / "XLSTART", sys.executable)
    if sys.platform == "darwin":
        return Machine("macos", home, home / _MAC_START, sys.executable)
    return Machine("linux", home, None, sys.executable)


def install(folder: Path, to: Path | None = None, machine: Machine | None = None) -> Installed:
    """Puts the add-in into Excel's start folder, or `to`; its buttons work in the workspace `folder` from now on.

    Everything is looked at before anything is written; a second run replaces what the first one wrote. Raises
    WorkspaceError where `folder` is none, ExcelError where there is no Excel or a file of somebody else is in the way.
    """
    machine = machine or this_machine()
    workspace = Workspace.open(folder).path
    wanted, known = _wanted(machine, to), _known(machine)
    _refuse_others(wanted, known)
    unchanged = [path for path in wanted if path.is_file() and path.read_bytes() == wanted[path]]
    written = [path for path in wanted if path not in unchanged]
    for path in written:
        _write(path, wanted[path])
    # After the files: an installation that was interrupted finds files that are as they are wanted.
    ours = known | {str(path): _digest(wanted[path]) for path in wanted if path in written or _is_addin(path)}
    gone = _removed({path: ours[path] for path in known if Path(path) not in wanted})
    _remember(machine, workspace, {path: ours[path] for path in ours if path not in gone.removed})
    addin = next(str(path) for path in wanted if _is_addin(path))
    places = (str(workspace), addin, machine.interpreter, str(machine.record))
    return Installed(*places, _names(written), _names(unchanged), gone.removed)


def remove(machine: Machine | None = None) -> Removed:
    """Deletes what `install` wrote, and the record of it. Raises ExcelError where nothing is installed."""
    machine = machine or this_machine()
    if not machine.record.is_file():
        raise ExcelError(_("Nothing is installed in Excel: there is no {file}.").format(file=machine.record))
    done = _removed(_known(machine))
    machine.record.unlink()
    return done


def workspace_of_excel(machine: Machine | None = None) -> Path:
    """The workspace that the buttons work in. Raises ExcelError where none was set up."""
    machine = machine or this_machine()
    if not machine.record.is_file():
        raise ExcelError(_("The buttons in Excel are not set up. Run: baocao excel install -w WORKSPACE"))
    return Path(str(_record(machine)["workspace"]))


def _wanted(machine: Machine, to: Path | None) -> dict[Path, bytes]:
    """The files that an installation consists of."""
    startup = to.absolute() if to else machine.startup
    if startup is None:
        message = _(
            "Excel runs on Windows and macOS only. Give the folder for the add-in with --to, to copy it by hand."
        )
        raise ExcelError(message)
    files = {startup / excel_addin.NAME: _addin_for(machine)}
    if machine.system == "macos":
        scripts = (entry for entry in _sources().iterdir() if entry.name.endswith(".applescript"))
        files |= {machine.home / _MAC_SCRIPTS / entry.name: entry.read_bytes() for entry in scripts}
    return files


def _sources() -> Traversable:
    return shipped("macros") / "excel"


def _addin_for(machine: Machine) -> bytes:
    if machine.system == "macos" and _UNFIT.search(machine.interpreter):
        raise ExcelError(
            _("{file}: on a Mac, Excel cannot start a Python in a folder with spaces or signs in its name.").format(
                file=machine.interpreter
            )
        )
    key = "INTERPRETER_MAC" if machine.system == "macos" else "INTERPRETER_WIN"
    return excel_addin.with_rows((_sources() / excel_addin.NAME).read_bytes(), {key: machine.interpreter})


def _refuse_others(wanted: Mapping[Path, bytes], known: Mapping[str, str]) -> None:
    others = [path for path in wanted if not _is_ours(path, {known.get(str(path)), _digest(wanted[path])})]
    if others:
        raise ExcelError(
            _("{files}: there already, and not from here. Move it away, then install again.").format(
                files=", ".join(map(str, others))
            )
        )


def _is_ours(path: Path, digests: Iterable[str | None]) -> bool:
    if path.is_symlink():
        return False
    return not path.exists() or (path.is_file() and _digest(path.read_bytes()) in digests)


def _removed(files: Mapping[str, str]) -> Removed:
    done = Removed()
    for name, digest in files.items():
        path = Path(name)
        if not _is_ours(path, {digest}):
            done.left.append(name)
            continue
        with _excel_closed(path):
            path.unlink(missing_ok=True)
        done.removed.append(name)
    return done


def _write(path: Path, content: bytes) -> None:
    with _excel_closed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not written beside it where it is held open: Excel would load both.
        with staged(path, content) as temporary:
            temporary.replace(path)


@contextmanager
def _excel_closed(path: Path) -> Iterator[None]:
    """What the system does not let us do with `path` is said in the user's words: mostly Excel holds it open."""
    try:
        yield
    except OSError as error:
        message = _("{file}: {reason}. Close Excel and try again.")
        raise ExcelError(message.format(file=path, reason=error.strerror or error)) from error


def _remember(machine: Machine, workspace: Path, files: Mapping[str, str]) -> None:
    text = json.dumps({"workspace": str(workspace), "files": files}, ensure_ascii=False, indent=1, sort_keys=True)
    _write(machine.record, text.encode())


def _known(machine: Machine) -> dict[str, str]:
    """SHA-256 of each file that was installed, by path."""
    files = _record(machine).get("files") if machine.record.is_file() else {}
    return {str(path): str(digest) for path, digest in files.items()} if isinstance(files, dict) else {}


def _record(machine: Machine) -> dict[str, object]:
    try:
        record = json.loads(machine.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("workspace"), str):
        message = _("{file} is damaged. Delete it, remove the add-in from Excel's start folder and install again.")
        raise ExcelError(message.format(file=machine.record))
    return record


def _is_addin(path: Path) -> bool:
    """Not xlwings' script, which can be there for another program of the user's, and is his then."""
    return path.name == excel_addin.NAME


def _names(paths: Iterable[Path]) -> list[str]:
    return [str(path) for path in paths]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
