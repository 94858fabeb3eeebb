"""A consolidated workbook as somebody left it: what its marked columns say, and what they said when it was written.

Sheets and columns are found by their headings, wherever they have been moved; rows by the school's code.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sync.answers.cells import plain
from sync.decisions import COLUMNS, FIELDS, Field
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.intake import apart
from sync.intake.guard import Limits
from sync.intake.values import Raw, is_cell_error
from sync.landmarks import BASE_KEYS, BASE_KIND, BASE_SHEET, PROGRESS_SHEET, SCHOOL_HEADING
from sync.text import collapse, fold

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MAX_BYTES = 256 << 20
MAX_CELLS = 20_000_000
"""Of one sheet; the reader lays out every cell between the corners of what is used."""
_LIMITS = Limits(wall_seconds=120)
_HEADINGS = {fold(heading): name for name, heading in COLUMNS.items()}

Rows = Sequence[Sequence[Raw]]
Cell = tuple[str, Field]
"""A school's code and an officer's column."""


class Sheets(Protocol):
    """What is read from: the workbook of a file, or one that is open in Excel."""

    @property
    def names(self) -> list[str]:
        """The names of all sheets that hold cells, hidden ones too."""

    def rows(self, name: str) -> Rows:
        """The rows of a sheet from A1 on, "" for a blank cell. Raises NotReadable."""


class NotReadable(MendableError):
    """A workbook that cannot be read; the message is the reason."""


class Place(NamedTuple):
    """Where the officer's columns stand on a sheet: zero-based, within its rows. A heading can be there twice."""

    heading: int
    school: int
    columns: Mapping[Field, Sequence[int]]


@dataclass(frozen=True)
class Base:
    """What the hidden sheet says: the period, the pass that wrote the workbook, when, and every marked cell as written.

    Cells that were blank are not in `values`.
    """

    period: str
    run: int | None
    built_at: datetime | None
    values: Mapping[Cell, str]


@dataclass(frozen=True)
class Document:
    """base: None where the hidden sheet is lost. cells: what every row of a school says in a marked column, in the
    order of the rows; "" for a blank cell. A school or a column that is not there has none."""

    base: Base | None
    cells: Mapping[Cell, Sequence[str]] = field(default_factory=dict)


class Workbook:
    """An Excel workbook in memory. Every method raises NotReadable.

    is_ours: nobody wrote to it since a pass built it.
    """

    def __init__(self, content: bytes, *, is_ours: bool = False) -> None:
        if len(content) > MAX_BYTES:
            raise NotReadable(_("it is too large"))
        # One cell in the far corner of a sheet takes more memory than there is, and that ends the process.
        if not is_ours and not apart.call(_is_survived, (content,), _LIMITS):
            raise NotReadable(_("it is damaged, or something stands in a cell far away from all others"))
        self._book = _opened(content)
        self._rows: dict[str, Rows] = {}

    @property
    def names(self) -> list[str]:
        """The names of all sheets that hold cells, hidden ones too."""
        from python_calamine import SheetTypeEnum

        return [each.name for each in self._book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]

    def rows(self, name: str) -> Rows:
        """The rows of a sheet from A1 on."""
        if name not in self._rows:
            self._rows[name] = _rows(self._book, name)
        return self._rows[name]


def read(workbook: Sheets) -> Document:
    """What the workbook says. Raises NotReadable."""
    names = {fold(name): name for name in workbook.names}
    hidden = names.get(fold(BASE_SHEET))
    base = _base(workbook.rows(hidden)) if hidden else None
    first = names.get(fold(PROGRESS_SHEET))
    return Document(base, _first_cells(workbook, [first] if first else workbook.names))


def _first_cells(workbook: Sheets, names: Sequence[str]) -> Mapping[Cell, Sequence[str]]:
    """Of the sheet that has the columns; they may stand on one of another name."""
    for name in names:
        rows = workbook.rows(name)
        place = place_of(rows)
        if place is not None and (len(place.columns) > 1 or fold(name) == fold(PROGRESS_SHEET)):
            return cells_of(rows, place)
    return {}


def place_of(rows: Rows) -> Place | None:
    """Where the marked columns stand among `rows`; None where there are none. The row with most headings is theirs."""
    best: Place | None = None
    for number, line in enumerate(rows):
        names = [fold(cell).rstrip(" *:") if isinstance(cell, str) else "" for cell in line]
        if fold(SCHOOL_HEADING) not in names:
            continue
        columns: dict[Field, list[int]] = {}
        for column, name in enumerate(names):
            if name in _HEADINGS:
                columns.setdefault(_HEADINGS[name], []).append(column)
        if columns and (best is None or len(columns) > len(best.columns)):
            best = Place(number, names.index(fold(SCHOOL_HEADING)), columns)
    return best


def school_of(line: Sequence[Raw], place: Place) -> str:
    """The code of the school whose row it is, "" where none stands there."""
    cell = line[place.school]
    return collapse(plain("note", cell))


def cells_of(rows: Rows, place: Place) -> dict[Cell, list[str]]:
    """What the rows below the headings say in the marked columns; see Document.cells. A cell error says nothing."""
    found: dict[Cell, list[str]] = {}
    for line in rows[place.heading + 1 :]:
        school = school_of(line, place)
        for name, columns in place.columns.items() if school else ():
            texts = [plain(name, line[column]) for column in columns if not is_cell_error(line[column])]
            if texts:
                found.setdefault((school, name), []).extend(texts)
    return found


def _base(rows: Rows) -> Base | None:
    """None where it is no sheet of ours, or damaged."""
    said = {str(line[0]): line[1] for line in rows[: len(BASE_KEYS)] if len(line) > 1}
    if said.get("kind") != BASE_KIND or set(said) != set(BASE_KEYS):
        return None
    values = dict(_base_values(rows[len(BASE_KEYS) + 1 :]))
    run, built_at = said["run"], said["built_at"]
    try:
        moment = datetime.fromisoformat(str(built_at)) if built_at else None
        return Base(str(said["period"]), int(str(run)) if run != "" else None, moment, values)
    except ValueError:
        return None


def _base_values(rows: Rows) -> Iterator[tuple[Cell, str]]:
    for school, *values in rows:
        for name, value in zip(FIELDS, values, strict=False):
            if value != "":
                yield (str(school), name), plain(name, value)


def _is_survived(content: bytes) -> bool:
    """Lays out every sheet, in a child process."""
    book = _opened(content)
    for name in book.sheet_names:
        # What is wrong with a sheet is told when it is read.
        with contextlib.suppress(NotReadable):
            _sheet(book, name)
    return True


def _opened(content: bytes) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except BaseException as error:
        if not _is_damage(error):
            raise
        raise NotReadable(_("it is no Excel workbook, is damaged or has a password")) from error


def _rows(book: CalamineWorkbook, name: str) -> Rows:
    return _sheet(book, name).to_python(skip_empty_area=False)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > MAX_CELLS:
            raise NotReadable(_("the sheet {sheet} reaches over too many cells").format(sheet=name))
        return sheet
    except BaseException as error:
        if not _is_damage(error):
            raise
        # One cell that calamine does not know, such as #SPILL!, takes its whole sheet with it.
        raise NotReadable(_("the sheet {sheet} cannot be read").format(sheet=name)) from error


def _is_damage(error: BaseException) -> bool:
    """Whether the file is at fault: calamine raises its own errors then, or panics, which is no Exception."""
    from python_calamine import CalamineError

    return isinstance(error, CalamineError | OSError | ValueError) or type(error).__name__ == "PanicException"
