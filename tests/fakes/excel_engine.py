"""Excel as xlwings' desktop engine sees it: a workbook in memory that records every call into it.

Behind xlwings' own `Book`, `Sheet` and `Range`. The classes derive from xlwings' base classes of engines, whose members
raise NotImplementedError: whatever is not modelled here, or is no member of an engine, fails. A cell takes what is
typed as Excel does (Vietnamese settings): 1/2 is a day, 007 a number, a leading apostrophe makes a text. Formulas give
0 until `calculate` says what they give.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import xlwings as xw
from xlwings import base_classes

from sync.outputs.returned.words import position
from sync.text import address
from tests.bench.building import cells_of
from tests.fakes.parts import Parts

Place = tuple[int, int]
"""Row and column of a cell, from 1."""
Cell = tuple[Any, str | None]
"""What a cell holds: its value, and its formula."""

_DAY_ZERO = datetime(1899, 12, 30)
_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{2,4}))?")
_NUMBER = re.compile(r"[(]?-?\d[\d.,]*%?[)]?")
LONGEST_IN_BLOCK = 8203


ExcelError = type("com_error", (Exception,), {"__doc__": "What pywin32 raises for what Excel refuses."})


@dataclass
class SheetState:
    """One sheet. hidden: rows that a filter hides; they take nothing of what is written into several rows."""

    name: str
    cells: dict[Place, Cell] = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)
    formats: dict[Place, str] = field(default_factory=dict)
    table: tuple[str, str] | None = None
    filtered: str | None = None
    hidden: set[int] = field(default_factory=set)
    is_protected: bool = False
    is_hidden: bool = False

    def entries(self) -> dict[str, Any]:
        """Formula or value of every cell that holds anything, by address; a day is its serial number."""
        found = {at: formula or _serial(value) for at, (value, formula) in self.cells.items()}
        return {address(row - 1, column - 1): value for (row, column), value in found.items() if value != ""}

    def rows(self) -> list[list[Any]]:
        """The values from A1 on, None where blank."""
        height, width = (max((each[axis] for each in self.cells), default=0) for axis in (0, 1))
        return [
            [self.cells.get((row, column), (None,))[0] for column in range(1, width + 1)]
            for row in range(1, height + 1)
        ]


class Excel:
    """An Excel with one workbook open. `calls` counts the calls into it, by class and member."""

    def __init__(self, content: bytes, fullname: str) -> None:
        parts = Parts(content)
        self.fullname = fullname
        self.calls: Counter[str] = Counter()
        self.names = dict(parts.names)
        self.settings: dict[str, Any] = {"screen_updating": True, "calculation": "automatic", "display_alerts": True}
        self.meanwhile: Callable[[], object] = lambda: None
        """What the officer does before anything is written."""
        self.sheets = [
            SheetState(
                name, _cells(found), set(parts.merged(name)), table=parts.table(name), filtered=parts.filtered(name)
            )
            for name, found in zip(parts.sheets, cells_of(content), strict=True)
        ]

    @property
    def book(self) -> xw.Book:
        """The workbook as xlwings has it."""
        return xw.Book(impl=_Book(self))

    def sheet(self, name: str) -> SheetState:
        """The sheet of this name."""
        return next(each for each in self.sheets if each.name == name)

    def type_in(self, name: str, place: str, value: Any) -> None:
        """The officer types into a cell; None empties it."""
        _put(self.sheet(name).cells, position(place), value)

    def calculate(self, content: bytes) -> None:
        """Lets every formula give what the same cell of the workbook `content` gives."""
        for name, found in zip(Parts(content).sheets, cells_of(content), strict=True):
            cells = self.sheet(name).cells
            for at, cell in _cells(found).items():
                if cell[1] is not None and at in cells and cells[at][1] == cell[1]:
                    cells[at] = cell

    def count(self, *members: str) -> int:
        """How many calls there were, of these members or of all."""
        return sum(self.calls[each] for each in members) if members else self.calls.total()


def _cells(found: list[tuple[str, int, int, Any, Any]]) -> dict[Place, Cell]:
    cells: dict[Place, Cell] = {}
    for kind, row, column, value, result in found:
        if kind != "blank":
            cells[row + 1, column + 1] = (result, value) if kind == "formula" else (value, None)
    return cells


def _put(cells: dict[Place, Cell], at: Place, value: Any) -> None:
    typed = _typed(value)
    if typed in (None, ""):
        cells.pop(at, None)
    elif isinstance(typed, str) and typed.startswith("=") and not str(value).startswith("'"):
        cells[at] = 0.0, typed
    else:
        cells[at] = typed, None


def _typed(value: Any) -> Any:
    if not isinstance(value, str):
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if value.startswith("'"):
        return value[1:]
    if value[:1] in ("+", "-", "@") and not _NUMBER.fullmatch(value[1:]):
        raise ExcelError(f"a formula that is none: {value[:20]!r}")
    if value.strip().casefold() in ("true", "false"):
        return value.strip().casefold() == "true"
    day = _DAY.fullmatch(value.strip())
    if day is not None:
        return float(40000 + int(day[1]) + 31 * int(day[2]))
    return 12345.0 if _NUMBER.fullmatch(value.strip().lstrip("+-")) else value


class _Called:
    """Records by the class's name of COM and the member."""

    title: ClassVar[str]
    excel: Excel

    def _call(self, member: str) -> None:
        self.excel.calls[f"{self.title}.{member}"] += 1


class _Engine:
    name, type = "excel", "desktop"

    @staticmethod
    def prepare_xl_data_element(x: Any, _options: Any) -> Any:
        return "" if x is None else x

    @staticmethod
    def clean_value_data(data: Any, _dates: Any, empty_as: Any, _numbers: Any, _errors: Any) -> list[list[Any]]:
        return [[empty_as if cell in ("", None) else cell for cell in row] for row in data]


class _App(_Called, base_classes.App):
    title = "App"
    engine = _Engine()

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @property
    def pid(self) -> int:
        self._call("Hwnd")
        return 1

    def activate(self, steal_focus: bool = False) -> None:
        self._call("Activate")

    @property
    def display_alerts(self) -> Any:
        self._call("DisplayAlerts")
        return self.excel.settings["display_alerts"]

    @display_alerts.setter
    def display_alerts(self, value: Any) -> None:
        self._call("DisplayAlerts=")
        self.excel.settings["display_alerts"] = value

    @property
    def screen_updating(self) -> Any:
        self._call("ScreenUpdating")
        return self.excel.settings["screen_updating"]

    @screen_updating.setter
    def screen_updating(self, value: Any) -> None:
        self._call("ScreenUpdating=")
        if not value:
            self.excel.meanwhile()
        self.excel.settings["screen_updating"] = value

    @property
    def calculation(self) -> Any:
        self._call("Calculation")
        return self.excel.settings["calculation"]

    @calculation.setter
    def calculation(self, value: Any) -> None:
        self._call("Calculation=")
        self.excel.settings["calculation"] = value


class _Book(_Called, base_classes.Book):
    title = "Book"

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    @property
    def name(self) -> str:
        self._call("Name")
        return re.split(r"[/\\]", self.excel.fullname)[-1]

    @property
    def fullname(self) -> str:
        self._call("FullName")
        return self.excel.fullname

    def activate(self) -> None:
        self._call("Activate")

    @property
    def app(self) -> _App:
        return _App(self.excel)

    @property
    def sheets(self) -> _Sheets:
        return _Sheets(self.excel)

    @property
    def names(self) -> _Names:
        return _Names(self.excel)


class _Sheets(_Called, base_classes.Sheets):
    title = "Sheets"

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    def __call__(self, key: Any) -> _Sheet:
        self._call("Item")
        state = self.excel.sheets[key - 1] if isinstance(key, int) else self.excel.sheet(key)
        return _Sheet(self.excel, state)

    def __len__(self) -> int:
        self._call("Count")
        return len(self.excel.sheets)

    def __iter__(self) -> Iterator[_Sheet]:
        for state in list(self.excel.sheets):
            self._call("Item")
            yield _Sheet(self.excel, state)

    def add(self, before: Any = None, after: Any = None, name: str | None = None) -> _Sheet:
        self._call("Add")
        assert before is None
        assert name is not None
        state = SheetState(name)
        self.excel.sheets.insert(self.excel.sheets.index(after.state) + 1, state)
        return _Sheet(self.excel, state)


class _Sheet(_Called, base_classes.Sheet):
    title = "Sheet"

    def __init__(self, excel: Excel, state: SheetState) -> None:
        self.excel, self.state = excel, state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sheet) and other.state is self.state

    def __hash__(self) -> int:
        return id(self.state)

    @property
    def name(self) -> str:
        self._call("Name")
        return self.state.name

    @name.setter
    def name(self, value: str) -> None:
        raise NotImplementedError

    @property
    def book(self) -> _Book:
        return _Book(self.excel)

    def activate(self) -> None:
        self._call("Activate")
        if self.state.is_hidden:
            raise ExcelError("a hidden sheet cannot be activated")

    @property
    def used_range(self) -> _Range:
        self._call("UsedRange")
        places = list(self.state.cells) or [(1, 1)]
        rows, columns = [row for row, _ in places], [column for _, column in places]
        return _Range(self, min(rows), min(columns), max(rows), max(columns))

    @property
    def tables(self) -> _Tables:
        return _Tables(self)

    def range(self, arg1: Any, arg2: Any = None) -> _Range:
        self._call("Range")
        corners = [self._corner(each) for each in (arg1, arg2) if each is not None]
        tops, lefts, bottoms, rights = zip(*corners, strict=True)
        return _Range(self, min(tops), min(lefts), max(bottoms), max(rights))

    @staticmethod
    def _corner(arg: Any) -> tuple[int, int, int, int]:
        if isinstance(arg, _Range):
            return arg.row_1, arg.col_1, arg.row_2, arg.col_2
        if isinstance(arg, tuple):
            height, width = arg[2:] or (1, 1)
            return arg[0], arg[1], arg[0] + height - 1, arg[1] + width - 1
        first, _, last = str(arg).replace("$", "").partition(":")
        return *position(first), *position(last or first)


class _Range(_Called, base_classes.Range):
    title = "Range"
    options: dict[str, Any]

    def __init__(self, sheet: _Sheet, top: int, left: int, bottom: int, right: int) -> None:
        assert 1 <= top <= bottom, "a range has at least one cell"
        assert 1 <= left <= right, "a range has at least one cell"
        self.sheet, self.excel = sheet, sheet.excel
        self.row_1, self.col_1, self.row_2, self.col_2 = top, left, bottom, right

    def __call__(self, arg1: int, arg2: int = 1) -> _Range:
        self._call("Cells")
        at = self.row_1 + arg1 - 1, self.col_1 + arg2 - 1
        return _Range(self.sheet, *at, *at)

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    @property
    def api(self) -> object:
        return self

    @property
    def row(self) -> int:
        self._call("Row")
        return self.row_1

    @property
    def column(self) -> int:
        self._call("Column")
        return self.col_1

    @property
    def shape(self) -> tuple[int, int]:
        self._call("Count")
        return self.row_2 - self.row_1 + 1, self.col_2 - self.col_1 + 1

    @property
    def address(self) -> str:
        self._call("Address")
        return f"{address(self.row_1 - 1, self.col_1 - 1)}:{address(self.row_2 - 1, self.col_2 - 1)}"

    @property
    def raw_value(self) -> Any:
        self._call("Value")
        cells = self.sheet.state.cells
        return tuple(tuple(cells.get(at, (None,))[0] for at in line) for line in self._lines())

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._call("Value=")
        state, lines = self.sheet.state, self._lines()
        if state.is_protected:
            raise ExcelError("the sheet is protected")
        assert [len(row) for row in data] == [self.col_2 - self.col_1 + 1] * (self.row_2 - self.row_1 + 1)
        for places, row in zip(lines, data, strict=True):
            for at, value in zip(places, row, strict=True):
                if len(lines) > 1 and isinstance(value, str) and len(value) > LONGEST_IN_BLOCK:
                    raise ExcelError("a text that is too long for a block")
                if at[0] not in state.hidden and not self._is_covered(at):
                    _put(state.cells, at, value)

    @property
    def formula(self) -> Any:
        self._call("Formula")
        cells = self.sheet.state.cells
        found = [[cells.get(at, (None, None)) for at in line] for line in self._lines()]
        texts = tuple(tuple(formula or _shown(value) for value, formula in line) for line in found)
        return texts if len(texts) > 1 or len(texts[0]) > 1 else texts[0][0]

    @formula.setter
    def formula(self, value: Any) -> None:
        raise NotImplementedError

    @property
    def number_format(self) -> str:
        raise NotImplementedError

    @number_format.setter
    def number_format(self, value: str) -> None:
        self._call("NumberFormat=")
        self.sheet.state.formats |= {at: value for line in self._lines() for at in line}

    @property
    def autofilter(self) -> _AutoFilter:
        return _AutoFilter(self)

    def clear_contents(self) -> None:
        self._call("ClearContents")
        for line in self._lines():
            for at in line:
                if at[0] not in self.sheet.state.hidden:
                    self.sheet.state.cells.pop(at, None)

    def merge(self, across: bool) -> None:
        self._call("Merge")
        assert not across
        _first, *others = [at for line in self._lines() for at in line]
        assert not any(at in self.sheet.state.cells for at in others), "Excel would ask whether values may go"
        self.sheet.state.merged.add(self.address)

    def unmerge(self) -> None:
        self._call("UnMerge")
        self.sheet.state.merged.discard(self.address)

    def _lines(self) -> list[list[Place]]:
        columns = range(self.col_1, self.col_2 + 1)
        return [[(row, column) for column in columns] for row in range(self.row_1, self.row_2 + 1)]

    def _is_covered(self, at: Place) -> bool:
        """Whether a merged range hides the cell: what is written there is nowhere."""
        for each in self.sheet.state.merged:
            first, last = (position(corner) for corner in each.split(":"))
            if at != first and first[0] <= at[0] <= last[0] and first[1] <= at[1] <= last[1]:
                return True
        return False


def _serial(value: Any) -> Any:
    return (value - _DAY_ZERO) / timedelta(days=1) if isinstance(value, datetime) else value


def _shown(value: Any) -> str:
    value = _serial(value)
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


class _AutoFilter(_Called, base_classes.AutoFilter):
    title = "AutoFilter"

    def __init__(self, place: _Range) -> None:
        self.place, self.excel = place, place.excel

    def clear(self, field: int | None) -> None:
        self._call("Clear")
        state = self.place.sheet.state
        if field is None and state.filtered == self.place.address:
            state.hidden.clear()


class _Tables(_Called, base_classes.Tables):
    title = "Tables"

    def __init__(self, sheet: _Sheet) -> None:
        self.sheet, self.excel = sheet, sheet.excel

    def __contains__(self, key: object) -> bool:
        self._call("Item")
        table = self.sheet.state.table
        return table is not None and table[0] == key

    def __call__(self, key: str) -> _Table:
        self._call("Item")
        assert key in self
        return _Table(self.sheet)


class _Table(_Called, base_classes.Table):
    title = "Table"

    def __init__(self, sheet: _Sheet) -> None:
        self.sheet, self.excel = sheet, sheet.excel

    def resize(self, range: Any) -> None:
        self._call("Resize")
        table = self.sheet.state.table
        assert table is not None
        assert table[1].split(":")[0] == range.address.replace("$", "").split(":")[0], "the headings stay"
        self.sheet.state.table = table[0], range.address.replace("$", "")


class _Names(_Called, base_classes.Names):
    title = "Names"

    def __init__(self, excel: Excel) -> None:
        self.excel = excel

    def __call__(self, key: str) -> _Name:
        self._call("Item")
        return _Name(self.excel, key)

    def __len__(self) -> int:
        return len(self.excel.names)

    def contains(self, key: str) -> bool:
        self._call("Item")
        return key in self.excel.names

    def add(self, name: str, refers_to: str) -> _Name:
        self._call("Add")
        self.excel.names[name] = refers_to
        return _Name(self.excel, name)


class _Name(_Called, base_classes.Name):
    title = "Name"

    def __init__(self, excel: Excel, key: str) -> None:
        self.excel, self.key = excel, key

    @property
    def refers_to(self) -> str:
        self._call("RefersTo")
        place: str = self.excel.names[self.key]
        return place

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self._call("RefersTo=")
        assert self.key in self.excel.names
        self.excel.names[self.key] = value
