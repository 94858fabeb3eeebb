"""Building the consolidated workbook against a bare XlsxWriter loop that writes the same cells, and its peak memory.

The peer writes every cell of the finished workbook, of its kind and with its value, into as many sheets, in one
format, without widths, merged cells, charts or names; both keep the workbook in memory. Each size is measured in a
process of its own, in which imports and one small workbook went before. Memory: of the building alone, over what the
process had before, which of the peer's are its cells too; Linux only.
"""

from __future__ import annotations

import gc
import io
import json
import re
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sync import plan as plans
from sync.consolidate import Consolidated, consolidate
from sync.outputs.office_workbook import build
from tests.bench.measure import Ratio, seconds
from tests.outputs.office_facts import NOW, OFFICE, make_facts

PLAN, PERIOD = "thu-thua-2020-2025", "2024-2025/HK1"
_CELL = re.compile(
    r'<c r="([A-Z]+)(\d+)"(?: s="\d+")?(?: t="(\w+)")?(?:/>|>(?:<f>(.*?)</f>)?(?:<v>(.*?)</v>)?</c>)', re.DOTALL
)
_TEXT = re.compile(r"<si>(.*?)</si>", re.DOTALL)
_PART = re.compile(r"<t[^>]*>(.*?)</t>", re.DOTALL)

Cell = tuple[str, int, int, Any, Any]
"""Kind (string, number, formula, blank), row, column, value or formula, the formula's value."""


def figures(schools: int) -> Consolidated:
    """The figures of an invented office."""
    return consolidate(make_facts(plans.load(PLAN), schools, period=PERIOD))


def cells_of(workbook: bytes) -> list[list[Cell]]:
    """All cells of a workbook, sheet by sheet, in the order in which they stand in the file."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        shared = archive.read("xl/sharedStrings.xml").decode()
        texts = [unescape("".join(_PART.findall(text))) for text in _TEXT.findall(shared)]
        sheets_there = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        names = sorted(sheets_there, key=lambda name: int(re.sub(r"\D", "", name)))
        return [
            [_cell(found.groups(), texts) for found in _CELL.finditer(archive.read(name).decode())] for name in names
        ]


def _cell(parts: tuple[str | None, ...], texts: list[str]) -> Cell:
    letters, row, kind, formula, value = parts
    column = 0
    for letter in letters or "":
        column = 26 * column + ord(letter) - 64
    at = int(row or 0) - 1, column - 1
    if formula is not None:
        return "formula", *at, "=" + unescape(formula), unescape(value or "") if kind == "str" else float(value or 0)
    if kind == "s":
        return "string", *at, texts[int(value or 0)], None
    return ("blank", *at, None, None) if value is None else ("number", *at, float(value), None)


def peer(sheets: list[list[Cell]]) -> bytes:
    """A workbook of these cells, by a bare loop."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    form = book.add_format({"font_name": "Times New Roman"})
    for cells in sheets:
        sheet = book.add_worksheet()
        for kind, row, column, value, result in cells:
            if kind == "string":
                sheet.write_string(row, column, value, form)
            elif kind == "number":
                sheet.write_number(row, column, value, form)
            elif kind == "formula":
                sheet.write_formula(row, column, value, form, result)
            else:
                sheet.write_blank(row, column, None, form)
    book.close()
    return buffer.getvalue()


def times(schools: int, runs: int) -> list[tuple[float, float]]:
    """Seconds of ours and of the peer, run by run; the first run of more than two is not counted."""
    consolidated = figures(schools)
    build(figures(5), OFFICE, NOW)
    sheets = cells_of(build(consolidated, OFFICE, NOW))
    found = [(seconds(lambda: build(consolidated, OFFICE, NOW)), seconds(lambda: peer(sheets))) for _run in range(runs)]
    return found[1:] if runs > 2 else found


def our_peak(schools: int, file: str) -> tuple[int, int]:
    """How many cells `file` gets, and by how many megabytes the process's peak is over what it had before."""
    consolidated = figures(schools)
    build(figures(5), OFFICE, NOW)
    begin = _resident("VmRSS")
    written = build(consolidated, OFFICE, NOW)
    high = _resident("VmHWM")
    Path(file).write_bytes(written)
    return sum(map(len, cells_of(written))), high - begin


def peers_peak(file: str) -> tuple[int, int]:
    """The same for a bare loop that writes the cells of `file`."""
    sheets = cells_of(Path(file).read_bytes())
    peer([cells[:1] for cells in sheets])
    gc.collect()
    # What the process had at its highest before is forgotten.
    Path("/proc/self/clear_refs").write_text("5")
    begin = _resident("VmRSS")
    peer(sheets)
    return sum(map(len, sheets)), _resident("VmHWM") - begin


def _resident(which: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(which)).split()[1]) // 1024


def main(sizes: Iterable[int] = (50, 500, 5000), runs: int = 6) -> Iterator[object]:
    """For each number of schools the ratio of the times, and the cells and the peaks."""
    for schools in sizes:
        measured = _in_a_process("times", schools, runs if schools < 5000 else 2)
        ours, others = zip(*measured, strict=True)
        ratio = statistics.median(one / other for one, other in measured)
        name = f"build the workbook of {schools:,} schools against a bare XlsxWriter loop"
        yield Ratio(name, statistics.median(ours), statistics.median(others), ratio)
        with TemporaryDirectory() as folder:
            file = f"{folder}/built.xlsx"
            cells, mine = _in_a_process("our_peak", schools, file)
            _same, peers = _in_a_process("peers_peak", file)
        yield f"peak memory over {cells:,} cells: ours {mine} MB, peer {peers} MB, ours/peer {mine / max(peers, 1):.2f}"


def _in_a_process(function: str, *arguments: str | int) -> Any:
    code = f"import json; from tests.bench import building; print(json.dumps(building.{function}(*{arguments!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    for line in main([int(argument) for argument in sys.argv[1:]] or (50, 500, 5000)):
        print(line, flush=True)
