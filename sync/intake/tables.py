"""Finding a table in a sheet by its headings and its row codes, and reading its rows. Works on plain lists of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sync.intake.reading import Observation, PlanSpec, RowReading, TableReading, TableSpec, Value
from sync.intake.values import Doubt, Raw, Typist, shown, typist
from sync.landmarks import CODE_HEADING
from sync.text import column_letters, fold

_LONGEST_HEADING = 200
_LONGEST_CODE = 12
_LONGEST_QUOTE = 120
_DIGITS, _LETTERS = re.compile(r"[0-9]+"), re.compile(r"[^\W0-9_]+")

folded = lru_cache(maxsize=8192)(fold)
"""`fold` with a memory: the workbooks of a plan have nearly all their headings and codes in common."""

_CODE_HEADING = fold(CODE_HEADING)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet. `rows` begin at the zero-based `top` and `left`; a blank cell is ''."""

    name: str
    top: int
    left: int
    rows: Sequence[Sequence[Raw]]

    def letters(self, index: int) -> str:
        """Excel's letters of the column `index` of `rows`."""
        return column_letters(self.left + index)

    def number(self, index: int) -> int:
        """Excel's number of the row `index` of `rows`."""
        return self.top + index + 1


@dataclass(frozen=True, slots=True)
class Head:
    """A heading row: its index, those of the code column and of each fill-in and printed column; None where missing."""

    row: int
    code: int | None
    columns: tuple[int | None, ...]
    printed: tuple[int | None, ...]
    likeness: int
    """How many of the table's headings it has."""


@dataclass(frozen=True)
class TableFinder:
    """A TableSpec made ready for searching: built once, used for every workbook."""

    spec: TableSpec
    sheet: str = field(init=False)
    codes: Mapping[str, str] = field(init=False)
    sections: frozenset[str] = field(init=False)
    shapes: frozenset[str] = field(init=False)
    typists: tuple[Typist, ...] = field(init=False)
    fill_in: tuple[str, ...] = field(init=False)
    printed: tuple[str, ...] = field(init=False)
    texts: Mapping[str, tuple[str, ...]] = field(init=False)
    """What is printed in each row, by its code."""
    main: int = field(init=False)
    """Which printed column says most."""

    def __post_init__(self) -> None:
        made = {
            "sheet": fold(self.spec.sheet),
            "codes": {code_key(code): code for code in self.spec.codes},
            "sections": frozenset(code_key(code) for code in self.spec.sections),
            "shapes": frozenset(_shape(code_key(code)) for code in self.spec.codes),
            "typists": tuple(typist(column) for column in self.spec.columns),
            "fill_in": tuple(fold(column.heading) for column in self.spec.columns),
            "printed": tuple(fold(heading) for heading in self.spec.headings),
            "texts": dict(zip(self.spec.codes, self.spec.printed, strict=False)),
            "main": _longest_column(self.spec.printed),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def head(self, sheet: Sheet) -> Head | None:
        """The table's heading row in `sheet`: the first with the code heading, else the first like it without."""
        heads: list[Head] = []
        for index, row in enumerate(sheet.rows):
            # Looking for the heading as it is printed is 50 times faster than folding every cell, and mostly enough.
            if CODE_HEADING in row and (head := self._head_of(index, row)) and head.code is not None:
                return head
        for index, row in enumerate(sheet.rows):
            if head := self._head_of(index, row):
                if head.code is not None:
                    return head
                heads.append(head)
        return heads[0] if heads else None

    def _head_of(self, index: int, row: Sequence[Raw]) -> Head | None:
        names = [folded(cell) if isinstance(cell, str) and len(cell) < _LONGEST_HEADING else "" for cell in row]
        places = {name: place for place, name in reversed(list(enumerate(names))) if name}
        columns = tuple(places.get(heading) for heading in self.fill_in)
        found = len(columns) - columns.count(None)
        if found == 0 or found * 2 < len(columns):
            return None
        printed = tuple(places.get(heading) for heading in self.printed)
        likeness = found + len(printed) - printed.count(None)
        return Head(index, places.get(_CODE_HEADING), columns, printed, likeness)

    def has_rows_of(self, sheet: Sheet, head: Head) -> bool:
        """Whether any of the table's codes stands under `head`."""
        if head.code is None:
            return False
        return any(code_key(row[head.code]) in self.codes for row in sheet.rows[head.row + 1 :])

    def read(
        self, sheet: Sheet, head: Head, observations: list[Observation], *, same_texts: bool = True
    ) -> TableReading | None:
        """The table under `head`; what is odd about it goes to `observations`. None where it has no code column.

        `same_texts` says whether the sheet should have the printed texts of this very plan.
        """
        return _TableReader(self, sheet, head, observations, same_texts).read()


def finders(spec: PlanSpec) -> tuple[TableFinder, ...]:
    """The finders of a plan's tables."""
    return tuple(TableFinder(table) for table in spec.tables)


def code_key(code: Raw) -> str:
    """The form in which row codes are compared: ' i.1 ' and 'I.1' are one code, and so are 1.0 and '1'."""
    if isinstance(code, str):
        return _text_code_key(code) if len(code) < _LONGEST_HEADING else code
    return f"{code:g}" if isinstance(code, float | int) else shown(code)


@lru_cache(maxsize=8192)
def _text_code_key(code: str) -> str:
    return fold(code).replace(" ", "").rstrip(".")


def _longest_column(texts: Sequence[Sequence[str]]) -> int:
    """The column of `texts` that has most of them."""
    lengths = [sum(map(len, column)) for column in zip(*texts, strict=True)]
    return lengths.index(max(lengths)) if lengths else 0


def _is_printed(raw: Raw, text: str) -> bool:
    """Whether a cell says `text`, however it is spaced, cased and closed."""
    return _text_key(raw if isinstance(raw, str) else shown(raw)) == _text_key(text)


def _text_key(text: str) -> str:
    return fold(text).rstrip(" .,;:")


def _shape(key: str) -> str:
    """How a code is formed: i.1 and iv.12 are formed alike."""
    return _LETTERS.sub("a", _DIGITS.sub("9", key)) if len(key) <= _LONGEST_CODE else ""


class _TableReader:
    """One table of one sheet being read."""

    def __init__(
        self, finder: TableFinder, sheet: Sheet, head: Head, observations: list[Observation], same_texts: bool
    ) -> None:
        self.finder, self.sheet, self.head, self.observations = finder, sheet, head, observations
        self.spec = finder.spec
        self.places = [(place, at) for place, at in enumerate(head.columns) if at is not None]
        self.letters = tuple(None if at is None else sheet.letters(at) for at in head.columns)
        # The main column comes first: where several texts of a row were changed, it is the one to name.
        order = sorted(range(len(head.printed)), key=lambda column: (column != finder.main, column))
        found = [(column, at) for column in order if (at := head.printed[column]) is not None]
        alone = [(column, at) for column, at in found if [*head.columns, *head.printed].count(at) == 1]
        self.printed = alone if same_texts and finder.texts else []

    def read(self) -> TableReading | None:
        self._note_missing_columns()
        if self.head.code is None:
            return None
        rows = list(self._rows(self.head.code))
        present = {row.code for row in rows}
        for code in self.spec.codes:
            if code not in present:
                self._note("row-missing", row=code, params=(("row", code),))
        return TableReading(self.spec.id, self.sheet.name, self.letters, rows)

    def _note_missing_columns(self) -> None:
        if self.head.code is None:
            self._note("column-missing", params=(("heading", CODE_HEADING),))
        for column, letters in zip(self.spec.columns, self.letters, strict=True):
            if letters is None:
                self._note("column-missing", column=column.id, params=(("heading", column.heading),))

    def _rows(self, code_at: int) -> Iterator[RowReading]:
        """The rows of known codes; the others are noted where something is written in them."""
        keys = [code_key(row[code_at]) for row in self.sheet.rows[self.head.row + 1 :]]
        known = [at for at, key in enumerate(keys) if key in self.finder.codes]
        first, last = (known[0], known[-1]) if known else (len(keys), -1)
        seen: set[str] = set()
        for at, key in enumerate(keys):
            index = self.head.row + 1 + at
            code = self.finder.codes.get(key)
            if code is None:
                if key not in self.finder.sections and self._may_hold_data(key, at, first, last):
                    self._note_stray(index, code_at)
            elif code in seen:
                self._note_filled("row-twice", index, code)
            else:
                seen.add(code)
                yield self._row(index, code)

    def _may_hold_data(self, key: str, at: int, first: int, last: int) -> bool:
        """Whether a row that is not of the plan can be one that somebody added: signatures and notes stand below.

        Between the plan's rows every row counts, also one without a code; above them one with any code; below them only
        one whose code is formed as the plan's are.
        """
        if key == _CODE_HEADING:
            return False
        if at > last:
            return _shape(key) in self.finder.shapes
        return at > first or key != ""

    def _row(self, index: int, code: str) -> RowReading:
        row = self.sheet.rows[index]
        typists = self.finder.typists
        values: list[Value] = [None] * len(typists)
        for place, at in self.places:
            raw = row[at]
            if raw == "":
                continue
            typed = typists[place](raw)
            if typed.__class__ is Doubt:
                values[place] = typed.value
                self._note_doubt(index, place, code, typed)
            else:
                values[place] = typed  # type: ignore[assignment]
        texts = self.finder.texts.get(code, ())
        for column, at in self.printed:
            if row[at] != texts[column] and self._is_changed(row[at], texts[column], column):
                self._note_changed(index, at, code, texts[column])
                break
        return RowReading(code, self.sheet.number(index), tuple(values))

    def _is_changed(self, raw: Raw, text: str, column: int) -> bool:
        """Whether the printed `text` was changed; a blank cell counts in the main column only."""
        if not text or (column != self.finder.main and not shown(raw)):
            return False
        return not _is_printed(raw, text)

    def _note_changed(self, index: int, at: int, code: str, text: str) -> None:
        cell = f"{self.sheet.letters(at)}{self.sheet.number(index)}"
        params = (("row", code), ("text", text[:_LONGEST_QUOTE]))
        seen = shown(self.sheet.rows[index][at])
        self._note("fixed-text-changed", cell=cell, row=code, value=seen or None, params=params)

    def _note_doubt(self, index: int, place: int, code: str, doubt: Doubt) -> None:
        cell = f"{self.letters[place]}{self.sheet.number(index)}"
        column = self.spec.columns[place].id
        self._note(doubt.code, cell=cell, row=code, column=column, value=doubt.seen, params=doubt.params)

    def _note_stray(self, index: int, code_at: int) -> None:
        """Notes a row with values whose code is none of the plan's; where it has no code, by its number."""
        typed = shown(self.sheet.rows[index][code_at])
        self._note_filled("row-unknown", index, typed or str(self.sheet.number(index)))

    def _note_filled(self, code: str, index: int, row: str) -> None:
        """Notes `code` on the row's first filled fill-in cell, if it has one."""
        for place, at in sorted(self.places, key=lambda pair: pair[1]):
            raw = self.sheet.rows[index][at]
            if raw != "" and not (isinstance(raw, str) and raw.isspace()):
                cell = f"{self.letters[place]}{self.sheet.number(index)}"
                column = self.spec.columns[place].id
                self._note(code, cell=cell, row=row, column=column, value=shown(raw), params=(("row", row),))
                return

    def _note(
        self,
        code: str,
        *,
        cell: str | None = None,
        row: str | None = None,
        column: str | None = None,
        value: str | float | None = None,
        params: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.observations.append(Observation(code, self.spec.id, self.sheet.name, cell, row, column, value, params))
