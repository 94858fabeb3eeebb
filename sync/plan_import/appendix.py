"""Printed tables → the appendix of a plan: sections and activities, word for word. Pure.

Rows that page breaks tore are joined, heads that are repeated on every page are left out, and printed numbers are
kept: they are never counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sync.i18n import gettext as _
from sync.plan.advice import gaps
from sync.plan_import.printed import Cell, PrintedTable
from sync.plan_import.problem import PlanImportError
from sync.text import fold

KNOWN: Mapping[str, tuple[str, ...]] = {
    "number": ("stt", "tt", "số tt", "số thứ tự"),
    "content": ("nội dung", "nội dung hoạt động", "nội dung công việc", "nội dung thực hiện", "hoạt động", "nhiệm vụ"),
    "lead": ("chủ trì", "đơn vị chủ trì", "cơ quan chủ trì"),
    "partners": ("thực hiện", "phối hợp", "đơn vị thực hiện", "đơn vị phối hợp", "cơ quan phối hợp"),
    "time": ("thời gian", "thời gian thực hiện", "thời hạn", "thời gian hoàn thành", "tiến độ"),
}
"""How the columns of an appendix are headed, by the id that they get in the plan; folded."""
_SHOWN_HEADINGS = ", ".join(headings[0].capitalize() for headings in KNOWN.values())
_IDS = {heading: name for name, headings in KNOWN.items() for heading in headings}
_SECTION = re.compile(r"([IVXLC]+|[A-ZĐ])(?:[.)/:]|\s*[-–]|$)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"(?:([IVXLC]+)[.])?(\d+(?:[.,]\d+)*)[.)]?")
_COUNTED = re.compile(r"\(?(\d{1,2})\)?")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """An activity: its section ("" before the first one), its printed number, its texts by column id."""

    section: str
    number: str
    texts: Mapping[str, str]

    @property
    def code(self) -> str:
        return f"{self.section}.{self.number}".strip(".")


@dataclass(frozen=True)
class Appendix:
    """What an appendix says. columns: printed headings by id, in their order; sections: code and title.

    source: the file's name; place: the table in it; joined: codes of what several rows of the document were joined
    into.
    """

    source: str
    place: str
    columns: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[tuple[str, str], ...] = ()
    rows: tuple[PrintedRow, ...] = ()
    joined: tuple[str, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Codes of sections and activities."""
        return frozenset([*(code for code, _title in self.sections), *(row.code for row in self.rows)])

    def skipped(self) -> list[str]:
        """Codes that would stand between two printed ones, as III.5 in a section that has 1, 2, 3, 4 and 6."""
        found = []
        for section in dict.fromkeys(row.section for row in self.rows):
            numbers = [int(row.number) for row in self.rows if row.section == section and row.number.isdigit()]
            found += [f"{section}.{each}".strip(".") for each in gaps(numbers)]
        return found


def read_appendix(source: str, tables: Sequence[PrintedTable], chosen: int | None = None) -> Appendix:
    """The appendix in `tables`; that which begins in the table numbered `chosen`, where there are several.

    Raises PlanImportError where there is none, or several and none is chosen.
    """
    found = list(_appendices(source, tables))
    with_rows = [appendix for _number, appendix in found if appendix.rows]
    if not with_rows:
        message = _("There is no table with the headings of an appendix: {headings}.").format(headings=_SHOWN_HEADINGS)
        fix = _("Give the columns these headings, and look whether the table is a picture.")
        raise PlanImportError(source, message, fix)
    if chosen is not None:
        with_rows = [appendix for number, appendix in found if number == chosen and appendix.rows]
    if len(with_rows) != 1:
        raise _not_one(source, [(number, appendix) for number, appendix in found if appendix.rows])
    return with_rows[0]


def _not_one(source: str, found: Sequence[tuple[int, Appendix]]) -> PlanImportError:
    lines = [
        _("{number}: {place}, begins with “{text}”").format(
            number=number, place=appendix.place, text=_beginning(appendix)
        )
        for number, appendix in found
    ]
    message = _("Several tables have the headings of an appendix, or the table that you chose has not:")
    fix = _("Choose one with --table NUMBER.")
    return PlanImportError(source, "\n  ".join([message, *lines]) + "\n ", fix)


def _beginning(appendix: Appendix) -> str:
    text = appendix.sections[0][1] if appendix.sections else appendix.rows[0].texts.get("content", "")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _appendices(source: str, tables: Sequence[PrintedTable]) -> Iterator[tuple[int, Appendix]]:
    """Every appendix and the number of the table that it begins in; the parts of a torn table are one."""
    reader: _Reader | None = None
    first = 0
    for table in tables:
        head = next((row for row in table.rows if _headings(row)), None)
        if head is not None and (reader is None or reader.is_another(table)):
            if reader is not None:
                yield first, reader.appendix()
            reader, first = _Reader(source, table), table.number
        if reader is not None and (head is not None or reader.fits(table)):
            reader.read(table)
    if reader is not None:
        yield first, reader.appendix()


def _headings(row: Sequence[Cell]) -> dict[int, str]:
    """The ids of known columns by place, where `row` is the head of an appendix; nothing where it is not."""
    found = {at: _IDS[name] for at, cell in enumerate(row) if (name := _bare(cell)) in _IDS}
    return found if {"number", "content"} <= set(found.values()) else {}


def _bare(cell: Cell) -> str:
    return fold(cell or "").strip(" .:*()")


@dataclass
class _Activity:
    section: str
    number: str
    texts: dict[int, str]


class _Reader:
    """Reads the rows of one appendix, table after table."""

    def __init__(self, source: str, table: PrintedTable) -> None:
        self.source = source
        name = table.name or _("table {number}").format(number=table.number)
        self.place = f"{source}, {name}"
        self.width = max((len(row) for row in table.rows), default=0)
        self.columns: dict[int, str] = {}
        self.heads: dict[int, str] = {}
        self.sections: list[list[str]] = []
        self.rows: list[_Activity] = []
        self.joined: dict[str, None] = {}
        self._after_head = False
        self._open: _Activity | None = None

    def fits(self, table: PrintedTable) -> bool:
        """Whether a table without a head has the columns of this one."""
        return bool(table.rows) and max(len(row) for row in table.rows) == self.width

    def is_another(self, table: PrintedTable) -> bool:
        """Whether a table with a head begins anew what this one has already, and so is no part of it."""
        other = _Reader(self.source, table)
        other.sections = [[self.section, ""]] if self.section else []
        known = len(other.sections)
        other.read(table)
        begun = [code for code, _title in other.sections[known:]] + [row.number for row in other.rows]
        if not begun:
            return False
        here = self.appendix().codes
        first = other.rows[0] if other.rows else None
        return begun[0] in here or (first is not None and f"{first.section}.{first.number}".strip(".") in here)

    @property
    def section(self) -> str:
        return self.sections[-1][0] if self.sections else ""

    def read(self, table: PrintedTable) -> None:
        for at, row in enumerate(table.rows):
            place = f"{self.place}, " + _("row {number}").format(number=at + 1)
            self._read_row(row, place, at in table.numbered)

    def _read_row(self, row: Sequence[Cell], place: str, is_numbered: bool) -> None:
        found = _headings(row)
        if found:
            self._read_head(row, found)
            return
        after_head, self._after_head = self._after_head, False
        if not self.columns or not any(row) or (after_head and self._is_second_head(row)):
            return
        number = self._cell(row, "number") or ""
        if not number and is_numbered:
            fix = _("Type the numbers as they are printed: a number that Word counts is no text, and may be another.")
            raise PlanImportError(place, _("The numbers of the rows are automatic."), fix)
        if not (self._read_section(row, number) or self._read_activity(row, number)):
            self._go_on(row, number)

    def _read_head(self, row: Sequence[Cell], found: Mapping[int, str]) -> None:
        if not self.columns:
            self.columns = _with_unknown(row, found)
            self.heads = {at: row[at] or "" for at in self.columns}
        self._after_head = True

    def _is_second_head(self, row: Sequence[Cell]) -> bool:
        """Whether `row` is a lower row of the head, or the one that counts the columns, and takes it as such."""
        counted = [_COUNTED.fullmatch(cell) for cell in row if cell]
        if len(counted) > 1 and [found and int(found[1]) for found in counted] == list(range(1, len(counted) + 1)):
            return True
        if (
            next((at for at, name in self.columns.items() if name == "number" and row[at : at + 1] == [None]), None)
            is None
        ):
            return False
        lower = {at: cell for at, cell in enumerate(row) if cell}
        named = {at: name for at, cell in lower.items() if (name := _IDS.get(_bare(cell), ""))}
        self.heads |= lower
        kept = {at: name for at, name in self.columns.items() if at not in lower}
        self.columns = dict(sorted((kept | _with_unknown(_padded(lower), named, set(kept.values()))).items()))
        return True

    def _cell(self, row: Sequence[Cell], name: str) -> Cell:
        at = next((at for at, column in self.columns.items() if column == name), None)
        return row[at] if at is not None and at < len(row) else ""

    def _read_section(self, row: Sequence[Cell], number: str) -> bool:
        found = _SECTION.fullmatch(number)
        if found is None or _NUMBER.fullmatch(number):
            return False
        others = [cell for name in self.columns.values() if name != "number" and (cell := self._cell(row, name))]
        if not _is_roman(found[1]) and len(others) > 1:
            return False
        title = " ".join(filter(None, [found[2], *others[:1]]))
        self.sections.append([found[1], title])
        self._open = None
        return True

    def _read_activity(self, row: Sequence[Cell], number: str) -> bool:
        found = _NUMBER.fullmatch(number)
        if found is None:
            return False
        above = self.rows[-1].texts if self.rows else {}
        texts = {}
        for at in self.columns:
            cell = row[at] if at < len(row) else ""
            # A cell that reaches down says the same of every activity beside it.
            texts[at] = above.get(at, "") if cell is None else cell
        printed = found[2] if found[1] in (None, self.section) else f"{found[1]}.{found[2]}"
        self._open = _Activity(self.section, printed, texts)
        self.rows.append(self._open)
        return True

    def _go_on(self, row: Sequence[Cell], number: str) -> None:
        """A row without a number goes on with the one that a page break tore."""
        code = f"{self.section}.{self._open.number}".strip(".") if self._open else self.section
        self.joined |= {code: None} if code else {}
        if self._open is not None:
            for at, name in self.columns.items():
                cell = number if name == "number" else row[at] if at < len(row) else ""
                if cell:
                    where = self._place_of("content") if name == "number" else at
                    self._open.texts[where] = f"{self._open.texts.get(where, '')} {cell}".strip()
        elif self.sections:
            texts = " ".join(cell for cell in row if cell)
            self.sections[-1][1] = f"{self.sections[-1][1]} {texts}".strip()

    def _place_of(self, name: str) -> int:
        return next(at for at, column in self.columns.items() if column == name)

    def appendix(self) -> Appendix:
        """What was read; columns without a single text are left out."""
        filled = {at for row in self.rows for at, text in row.texts.items() if text}
        columns = {at: name for at, name in self.columns.items() if name == "number" or at in filled}
        rows = tuple(
            PrintedRow(
                row.section,
                row.number,
                {name: row.texts.get(at, "") for at, name in columns.items() if name != "number"},
            )
            for row in self.rows
        )
        sections = tuple((code, title) for code, title in self.sections)
        return Appendix(
            self.source,
            self.place,
            {name: self.heads[at] for at, name in columns.items()},
            sections,
            rows,
            tuple(self.joined),
        )


def _with_unknown(row: Sequence[Cell], found: Mapping[int, str], taken: set[str] | None = None) -> dict[int, str]:
    """`found` with the other headings of the row, under ids made of them; each id once."""
    columns: dict[int, str] = {}
    used = set(taken or ())
    for at, cell in enumerate(row):
        if not cell:
            continue
        base = found.get(at) or f"printed_{at + 1}"
        name = base if base not in used else f"printed_{at + 1}"
        used.add(name)
        columns[at] = name
    return columns


def _padded(cells: Mapping[int, str]) -> list[Cell]:
    return [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _is_roman(text: str) -> bool:
    # C and L alone are letters: no plan has fifty sections.
    return text not in ("C", "L") and re.fullmatch(r"C?(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})", text) is not None
