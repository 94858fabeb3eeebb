"""Drive a real LibreOffice Calc from tests: fill, recalculate, read and save workbooks.

LibreOffice's Python binding ``uno`` belongs to the system's Python, not to a virtual
environment, so ``uno_driver.py`` runs there and this module talks to it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, NoReturn, Self, cast

import pytest

DRIVER = Path(__file__).with_name("uno_driver.py")
START_SECONDS = 120.0
CALL_SECONDS = 120.0

How = Literal["typed", "text", "number", "date"]
SaveFormat = Literal["xlsx", "ods", "xls", "pdf"]
CellInput = str | int | float | date


@dataclass(frozen=True)
class CellError:
    """The result of a formula that failed, e.g. code 532 shown as ``#DIV/0!``."""

    code: int
    shown: str


Value = str | float | CellError


class LibreOfficeError(Exception):
    """LibreOffice refused a request, or is missing, stuck or dead."""


@functools.cache
def find_soffice() -> Path | None:
    given = os.environ.get("BAOCAO_SOFFICE")
    if given:
        return Path(given) if os.access(given, os.X_OK) else None
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found:
            return Path(found)
    for place in (
        "/usr/lib/libreoffice/program/soffice",
        "/opt/libreoffice/program/soffice",
        "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    ):
        if os.access(place, os.X_OK):
            return Path(place)
    return None


@functools.cache
def find_uno_python() -> Path | None:
    given = os.environ.get("BAOCAO_UNO_PYTHON")
    candidates = [given] if given else ["/usr/bin/python3", "/usr/local/bin/python3"]
    soffice = find_soffice()
    if soffice is not None and not given:
        program = soffice.resolve().parent
        candidates += [str(program / "python"), str(program.parent / "Resources" / "python")]
    for candidate in candidates:
        if not os.access(candidate, os.X_OK):
            continue
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            probe = subprocess.run(
                [candidate, "-c", "import uno"],
                capture_output=True,
                check=False,
                env=_outside_environment(),
                timeout=60,
            )
            if probe.returncode == 0:
                return Path(candidate)
    return None


def _outside_environment() -> dict[str, str]:
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def why_unavailable() -> str | None:
    """The reason why LibreOffice cannot be driven here, or None when it can."""
    if find_soffice() is None:
        return "LibreOffice is not installed (no soffice found)"
    if find_uno_python() is None:
        return "no Python that has uno was found (Debian: the package python3-uno)"
    return None


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test, or fail it where every tool is required to be present."""
    if os.environ.get("BAOCAO_REQUIRE_ALL") == "1":
        pytest.fail(f"BAOCAO_REQUIRE_ALL=1, but {reason}", pytrace=False)
    pytest.skip(reason)


class _Driver:
    """One running uno_driver.py with its own LibreOffice and profile."""

    def __init__(self) -> None:
        soffice, python = find_soffice(), find_uno_python()
        if soffice is None or python is None:
            raise LibreOfficeError(why_unavailable() or "LibreOffice is not available")
        self._home = Path(tempfile.mkdtemp(prefix="calc-"))
        self._log = self._home / "stderr.txt"
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._last_id = 0
        self._ended: str | None = None
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(python), str(DRIVER), str(soffice), str(self._home / "profile")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_outside_environment(),
                start_new_session=True,
                encoding="utf-8",
            )
        self._stdin = cast("IO[str]", self._process.stdin)
        stdout = cast("IO[str]", self._process.stdout)
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()
        try:
            self._next_answer("starting", START_SECONDS)
        except BaseException:
            self.kill("it did not start")
            raise

    def _read(self, stdout: IO[str]) -> None:
        with stdout:
            for line in stdout:
                self._answers.put(line)
        self._answers.put(None)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._ended is None and self._process.poll() is None

    def call(self, operation: str, seconds: float = CALL_SECONDS, **fields: Any) -> Any:
        if self._ended is not None:
            raise LibreOfficeError(f"{operation}: LibreOffice has ended: {self._ended}")
        self._last_id += 1
        request = {"id": self._last_id, "op": operation, **fields}
        try:
            self._stdin.write(json.dumps(request) + "\n")
            self._stdin.flush()
        except OSError:
            self._died(operation)
        try:
            answer = self._next_answer(operation, seconds)
        except BaseException:
            # Also when interrupted: the answer, should it come, must not be taken for another's.
            self.kill(f"{operation} was not answered")
            raise
        if answer.get("id") != self._last_id:
            self.kill("answers out of step")
            raise LibreOfficeError(f"{operation}: an answer to another request came: {answer}")
        if "error" in answer:
            raise LibreOfficeError(f"{operation}: {answer['error']}")
        return answer["result"]

    def _next_answer(self, operation: str, seconds: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise LibreOfficeError(f"{operation}: no answer in {seconds:g} s{self._stderr()}") from None
        if line is None:
            self._died(operation)
        return cast("dict[str, Any]", json.loads(line))

    def _died(self, operation: str) -> NoReturn:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        message = f"the driver died with exit code {self._process.poll()}{self._stderr()}"
        self.kill(message)
        raise LibreOfficeError(f"{operation}: {message}")

    def _stderr(self) -> str:
        with contextlib.suppress(OSError):
            text = self._log.read_text(encoding="utf-8", errors="replace").strip()
            if text:
                return f"; its stderr ends:\n{text[-4000:]}"
        return "; it wrote nothing to stderr"

    def stop(self) -> None:
        if self.running:
            with contextlib.suppress(LibreOfficeError):
                self.call("quit", 10)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
        self.kill("it was stopped")

    def kill(self, reason: str) -> None:
        if self._ended is not None:
            return
        self._ended = reason
        # The group outlives its leader, so this also ends a LibreOffice left behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._reader.join(5)
        shutil.rmtree(self._home, ignore_errors=True)


class Workbook:
    """A workbook open in LibreOffice. Sheets go by name, cells by addresses such as ``B3``.

    What a protected sheet or workbook would refuse is done with the protection lifted meanwhile,
    by ``password`` where there is one.
    """

    def __init__(self, driver: _Driver, path: Path, seconds: float, macros: bool = False) -> None:
        self._driver = driver
        self._seconds = seconds
        self.path = path
        opened = driver.call("open", seconds, path=str(path.absolute()), macros=macros)
        self._doc = int(opened["doc"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Not to hide the error that made LibreOffice go away.
        if self._driver.running:
            self.close()

    def _call(self, operation: str, **fields: Any) -> Any:
        return self._driver.call(operation, self._seconds, doc=self._doc, **fields)

    @property
    def sheet_names(self) -> list[str]:
        return cast("list[str]", self._call("sheets"))

    def set_cells(
        self,
        sheet: str,
        cells: Iterable[tuple[str, CellInput, How]],
        refuse_locked: bool = False,
        password: str = "",
    ) -> None:
        """Set many cells at once, each given as (address, value, how).

        "typed" understands the value as if typed by a Vietnamese user, "text" keeps it as text,
        "number" and "date" store exactly that; "date" takes a date, a datetime or ISO text.
        Locked cells of a protected sheet are set all the same, or with ``refuse_locked``, as to
        a user, refused before anything is set.
        """
        sent = [
            [address, value.isoformat() if isinstance(value, date) else value, how] for address, value, how in cells
        ]
        self._call("set_cells", sheet=sheet, cells=sent, refuse_locked=refuse_locked, password=password)

    def set_cell(self, sheet: str, address: str, value: CellInput, how: How | None = None) -> None:
        if how is None:
            how = "date" if isinstance(value, date) else "typed" if isinstance(value, str) else "number"
        self.set_cells(sheet, [(address, value, how)])

    def type_in(self, sheet: str, cells: Iterable[tuple[str, str]], refuse_locked: bool = False) -> None:
        """Type values in as a Vietnamese user would; ``=`` starts a formula, ``;`` separates."""
        typed: list[tuple[str, CellInput, How]] = [(address, text, "typed") for address, text in cells]
        self.set_cells(sheet, typed, refuse_locked)

    def recalculate(self) -> None:
        """Calculate every formula afresh: what opening shows is what the file had stored."""
        self._call("recalculate")

    def read(self, sheet: str, range: str | None = None) -> list[list[Value]]:
        """Rows of values; an empty cell is "". Without a range, from A1 to the last cell used."""
        rows = self._call("read", sheet=sheet, range=range)
        return [[CellError(v["error"], v["shown"]) if isinstance(v, dict) else v for v in row] for row in rows]

    def read_cell(self, sheet: str, address: str) -> Value:
        return self.read(sheet, address)[0][0]

    def read_shown(self, sheet: str, range: str | None = None) -> list[list[str]]:
        """Rows of cell texts, formatted as on screen."""
        return cast("list[list[str]]", self._call("read_shown", sheet=sheet, range=range))

    def read_formulas(self, sheet: str, range: str | None = None) -> list[list[str]]:
        """Rows of formulas in LibreOffice's notation (``=SUM($Sheet.A1;B2)``) or contents."""
        return cast("list[list[str]]", self._call("read_formulas", sheet=sheet, range=range))

    def insert_columns(self, sheet: str, index: int, count: int = 1, password: str = "") -> None:
        """Insert before the column ``index``, counted from 0."""
        self._call("insert_columns", sheet=sheet, index=index, count=count, password=password)

    def insert_rows(self, sheet: str, index: int, count: int = 1, password: str = "") -> None:
        """Insert before the row ``index``, counted from 0."""
        self._call("insert_rows", sheet=sheet, index=index, count=count, password=password)

    def rename_sheet(self, sheet: str, name: str, password: str = "") -> None:
        self._call("rename_sheet", sheet=sheet, name=name, password=password)

    def move_sheet(self, sheet: str, index: int, password: str = "") -> None:
        """Move a sheet so that it becomes number ``index``, counted from 0."""
        self._call("move_sheet", sheet=sheet, index=index, password=password)

    def delete_sheet(self, sheet: str, password: str = "") -> None:
        self._call("delete_sheet", sheet=sheet, password=password)

    def merge(self, sheet: str, range: str, password: str = "") -> None:
        self._call("merge", sheet=sheet, range=range, password=password)

    def add_comment(self, sheet: str, address: str, text: str, password: str = "") -> None:
        self._call("add_comment", sheet=sheet, address=address, text=text, password=password)

    def save_as(self, path: Path, format: SaveFormat | None = None) -> Path:
        """Save a copy, in the format that the name ends in unless told."""
        self._call(
            "save_as",
            path=str(path.absolute()),
            format=format or path.suffix.lower().removeprefix("."),
        )
        return path

    def run_macro(self, name: str, *arguments: str | float | bool) -> Value | bool | None:
        """Run a macro of the workbook, ``PROJECT.MODULE.NAME``, and give what it returns.

        An error that it does not handle is shown to nobody: the macro just ends there.
        """
        return cast("Value | bool | None", self._call("run_macro", name=name, arguments=list(arguments)))

    def close(self) -> None:
        self._call("close")


class LibreOffice:
    """A LibreOffice kept running for many workbooks, with Vietnamese as its locale."""

    def __init__(self, seconds: float = CALL_SECONDS) -> None:
        self.seconds = seconds
        self._driver: _Driver | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        if self._driver is None or not self._driver.running:
            self.stop()
            self._driver = _Driver()

    def stop(self) -> None:
        if self._driver is not None:
            self._driver.stop()
            self._driver = None

    @property
    def pid(self) -> int | None:
        """The driver's process, which leads the group that LibreOffice belongs to."""
        return None if self._driver is None else self._driver.pid

    def open(self, path: Path, macros: bool = False) -> Workbook:
        """A workbook; its macros can be run only where ``macros`` says so."""
        # Starting again here keeps one crash from failing every later test.
        self.start()
        assert self._driver is not None
        return Workbook(self._driver, path, self.seconds, macros)

    def convert(self, path: Path, out: Path, format: SaveFormat | None = None, recalculate: bool = True) -> Path:
        with self.open(path) as workbook:
            if recalculate:
                workbook.recalculate()
            return workbook.save_as(out, format)


def to_pdf(path: Path, out_dir: Path, office: LibreOffice | None = None) -> Path:
    """Print a workbook, recalculated, to ``out_dir/NAME.pdf``; in ``office`` where given."""
    out_dir.mkdir(parents=True, exist_ok=True)
    out = out_dir / f"{path.stem}.pdf"
    if office is not None:
        return office.convert(path, out, "pdf")
    with LibreOffice() as own:
        return own.convert(path, out, "pdf")


def to_pngs(pdf: Path, out_dir: Path, dpi: int = 96) -> list[Path]:
    """Draw each page of a PDF as ``out_dir/NAME-N.png``, in the order of the pages."""
    program = shutil.which("pdftoppm")
    if program is None:
        raise LibreOfficeError("pdftoppm is not installed (Debian: the package poppler-utils)")
    out_dir.mkdir(parents=True, exist_ok=True)
    # A folder of its own, so that pages left by an earlier, longer PDF are not taken for ours.
    with tempfile.TemporaryDirectory(dir=out_dir) as fresh:
        done = subprocess.run(
            [program, "-png", "-r", str(dpi), str(pdf), str(Path(fresh) / pdf.stem)],
            capture_output=True,
            check=False,
            text=True,
            timeout=CALL_SECONDS,
        )
        if done.returncode != 0:
            raise LibreOfficeError(f"pdftoppm failed on {pdf}: {done.stderr.strip()}")
        # pdftoppm pads the page numbers to one width, so the names sort as the pages do.
        return [page.replace(out_dir / page.name) for page in sorted(Path(fresh).iterdir())]


@pytest.fixture(scope="session")
def libreoffice() -> Iterator[LibreOffice]:
    reason = why_unavailable()
    if reason is not None:
        skip_or_fail(reason)
    with LibreOffice() as office:
        yield office
