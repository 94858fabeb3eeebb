"""The bytes of a workbook → a Reading. Runs in the child process, where a file can do no harm.

Errors of calamine are told from ours where they happen: `_calamine` wraps every call of it and nothing else.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from sync.intake import guard, package, repair
from sync.intake.gsheet import NotASheetError, SheetBook
from sync.intake.guard import Limits
from sync.intake.reading import Observation, PlanSpec, Reading
from sync.intake.sniff import Sniffed, sniff
from sync.intake.tables import Head, Sheet, TableFinder, finders, folded
from sync.intake.values import Raw, shown
from sync.landmarks import INFO_IDENTITY, INFO_SHEET, META_KEYS, META_SHEET

T = TypeVar("T")
Plans = Mapping[str, tuple[PlanSpec, tuple[TableFinder, ...]]]
"""Plans made ready for reading, by their code."""

_META, _INFO = folded(META_SHEET), folded(INFO_SHEET)
_LABELS = {folded(label): key for key, label in INFO_IDENTITY.items()}
_IDENTITY = ("plan", "school", "period")


class UnreadableError(Exception):
    """calamine could not read the file or the sheet."""


class LockedError(UnreadableError):
    """The workbook asks for a password."""


class RefusedError(Exception):
    """The file breaks a limit."""

    def __init__(self, observation: Observation) -> None:
        super().__init__(observation)
        self.observation = observation


def prepare(specs: Mapping[str, PlanSpec]) -> Plans:
    """`specs` made ready for reading; done once per process."""
    return {code: (spec, finders(spec)) for code, spec in specs.items()}


def read(content: bytes, plans: Plans, limits: Limits) -> Reading:
    """What the bytes of a file give. Raises MemoryError where the process may have no more of it."""
    sniffed = sniff(content)
    refused = guard.refuse_size(len(content), limits) or guard.refuse_kind(sniffed, limits)
    if refused is not None:
        return refused
    reading = Reading()
    try:
        _read_workbook(_book(content, sniffed, limits), plans, reading)
    except LockedError:
        return guard.refusal("encrypted")
    except (UnreadableError, NotASheetError):
        return guard.refusal("damaged")
    except RefusedError as refusal:
        _refuse(reading, refusal.observation)
    return reading


class Book(Protocol):
    """What tables are looked for in."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def unreadable(self) -> Sequence[str]: ...

    def named(self, name: str) -> Iterator[Sheet]: ...

    def sheet(self, name: str) -> Sheet | None: ...


def _book(content: bytes, sniffed: Sniffed, limits: Limits) -> Book:
    if sniffed.kind == "gsheet":
        return SheetBook(content, limits.max_cells)
    return Workbook(_with_readable_errors(content, sniffed), sniffed.kind, limits)


def _refuse(reading: Reading, observation: Observation) -> None:
    """Makes `reading` that of a refused file; whose report it is stays where it is known."""
    reading.refused = True
    reading.tables.clear()
    reading.observations[:] = [observation]


def _with_readable_errors(content: bytes, sniffed: Sniffed) -> bytes:
    if not repair.has_error_cells(content, sniffed.kind, sniffed.members):
        return content
    try:
        return repair.with_errors_as_text(content, sniffed.kind)
    except package.PackageError:
        return content


def _calamine(call: Callable[[], T]) -> T:
    """The result of `call`. Raises UnreadableError or LockedError for whatever calamine raises, its panics included."""
    try:
        return call()
    except PasswordError as error:
        raise LockedError(str(error)) from error
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        raise UnreadableError(str(error)) from error
    except BaseException as error:
        # calamine's panics derive from BaseException and their class cannot be imported.
        if type(error).__name__ == "PanicException":
            raise UnreadableError(str(error)) from error
        raise


def _opened(content: bytes, kind: str, limits: Limits) -> CalamineWorkbook:
    try:
        return _calamine(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))
    except UnreadableError:
        return _opened_copy(content, kind, limits)


def _opened_copy(content: bytes, kind: str, limits: Limits) -> CalamineWorkbook:
    """The workbook from a private copy with the right extension: only so does calamine say what it really minds."""
    with tempfile.TemporaryDirectory(prefix="baocao-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, f"copy.{kind}")
        path.write_bytes(content)
        try:
            return _calamine(lambda: CalamineWorkbook.from_path(path))
        except UnreadableError as error:
            if found := re.search(r"([0-9]+) cells requested", str(error)):
                raise RefusedError(too_many_cells(None, int(found[1]), limits.max_cells)) from error
            raise


class Workbook:
    """An open workbook whose sheets are read when asked for, each once."""

    def __init__(self, content: bytes, kind: str, limits: Limits) -> None:
        """Raises UnreadableError, LockedError, RefusedError."""
        self._book = _opened(content, kind, limits)
        self._limits = limits
        self._sheets: dict[str, Sheet | None] = {}
        refused = guard.refuse_sheets(len(self._book.sheet_names), limits)
        if refused is not None:
            raise RefusedError(refused.observations[0])
        kinds = self._book.sheets_metadata
        self.names = tuple(kind.name for kind in kinds if kind.typ == SheetTypeEnum.WorkSheet)
        self.unreadable: list[str] = []
        """Names of sheets that were asked for and could not be read."""

    def named(self, name: str) -> Iterator[Sheet]:
        """The readable sheets whose name is the folded `name`."""
        for own in self.names:
            if folded(own) == name and (sheet := self.sheet(own)):
                yield sheet

    def sheet(self, name: str) -> Sheet | None:
        """The sheet `name`, None where it cannot be read. Raises RefusedError."""
        if name not in self._sheets:
            self._sheets[name] = self._read(name)
        return self._sheets[name]

    def _read(self, name: str) -> Sheet | None:
        try:
            found = _calamine(lambda: self._book.get_sheet_by_name(name))
            cells = found.height * found.width
            if cells > self._limits.max_cells:
                raise RefusedError(too_many_cells(name, cells, self._limits.max_cells))
            top, left = found.start or (0, 0)
            rows: list[list[Raw]] = _calamine(found.to_python)
        except UnreadableError:
            self.unreadable.append(name)
            return None
        return Sheet(name, top, left, rows)


def too_many_cells(sheet: str | None, count: int, limit: int) -> Observation:
    """What is said of a sheet (None: of some sheet) that reaches over `count` cells."""
    return Observation("too-many-cells", sheet=sheet, params=(("count", str(count)), ("limit", str(limit))))


def _read_workbook(workbook: Book, plans: Plans, reading: Reading) -> None:
    """Fills in `reading`. A workbook that does not name its plan is read by the plan that it is most like."""
    _identify(workbook, reading)
    if reading.plan is not None and reading.plan not in plans:
        _refuse(reading, Observation("other-plan", value=reading.plan, params=(("plan", reading.plan),)))
        return
    candidates = [reading.plan] if reading.plan is not None else list(plans)
    placed = {code: place_tables(workbook, plans[code][1]) for code in candidates}
    best = max(candidates, key=lambda code: _likeness(placed[code]), default=None)
    if best is None or not placed[best]:
        _refuse(reading, Observation("damaged" if workbook.unreadable else "not-our-workbook"))
        return
    reading.plan = best
    spec, tables = plans[best]
    _note_version(reading, spec)
    # Other versions may print other texts.
    _read_tables(tables, placed[best], reading, same_texts=reading.template_version in (None, spec.version))


# Whose report it is


def _identify(workbook: Book, reading: Reading) -> None:
    """Fills in whose report it is, from the hidden sheet, else from what the visible one says."""
    stated: dict[str, str] = {}
    for sheet in workbook.named(_META):
        for row in sheet.rows:
            if len(row) > 1:
                stated.setdefault(shown(row[0]), shown_code(row[1]))
    if not all(stated.get(key) for key in _IDENTITY):
        for sheet in workbook.named(_INFO):
            for key, value in _labelled(sheet):
                stated[key] = stated.get(key) or value
    for key in META_KEYS:
        setattr(reading, key, stated.get(key) or None)


def _labelled(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The key and value of every label of INFO_IDENTITY: the value is the next cell to the right that is not blank."""
    for row in sheet.rows:
        for at, cell in enumerate(row):
            key = _LABELS.get(folded(shown(cell)).rstrip(" :")) if isinstance(cell, str) and cell else None
            if key is not None:
                yield key, next((text for other in row[at + 1 :] if (text := shown_code(other))), "")


def shown_code(raw: Raw) -> str:
    """A code or an identifier as text; a number without what Excel shows of it."""
    return f"{raw:.15g}" if isinstance(raw, float) else shown(raw)


def _note_version(reading: Reading, spec: PlanSpec) -> None:
    version = reading.template_version
    if version is not None and _version_key(version) < _version_key(spec.version):
        reading.observations.append(Observation("older-template", value=version, params=(("version", version),)))


def _version_key(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"[0-9]{1,9}", version)]


# Where its tables are


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table was found."""

    sheet: Sheet
    head: Head


def place_tables(workbook: Book, tables: Sequence[TableFinder]) -> dict[str, Place]:
    """Where each table stands, by table id; by the sheet's name, else by the content of the sheets that are left."""
    placed = {finder.spec.id: place for finder in tables if (place := _by_name(workbook, finder))}
    missing = [finder for finder in tables if finder.spec.id not in placed]
    if not missing:
        return placed
    taken = {place.sheet.name for place in placed.values()}
    # Sheets with a table's name but without its heading row are searched too: they may hold another table.
    for name in workbook.names:
        if name in taken or folded(name) in (_META, _INFO) or (sheet := workbook.sheet(name)) is None:
            continue
        best = max(missing, key=lambda finder: _likeness_in(finder, sheet), default=None)
        if best is not None and (head := best.head(sheet)) and best.has_rows_of(sheet, head):
            placed[best.spec.id] = Place(sheet, head)
            missing.remove(best)
    return placed


def _by_name(workbook: Book, finder: TableFinder) -> Place | None:
    places = [Place(sheet, head) for sheet in workbook.named(finder.sheet) if (head := finder.head(sheet))]
    return next((place for place in places if place.head.code is not None), places[0] if places else None)


def _likeness_in(finder: TableFinder, sheet: Sheet) -> int:
    head = finder.head(sheet)
    return head.likeness if head is not None and finder.has_rows_of(sheet, head) else 0


def _likeness(placed: Mapping[str, Place]) -> int:
    return sum(place.head.likeness for place in placed.values())


def _read_tables(
    tables: Sequence[TableFinder], placed: Mapping[str, Place], reading: Reading, *, same_texts: bool
) -> None:
    for finder in tables:
        place = placed.get(finder.spec.id)
        if place is None:
            name = finder.spec.sheet
            reading.observations.append(Observation("sheet-missing", finder.spec.id, params=(("sheet", name),)))
            continue
        table = finder.read(place.sheet, place.head, reading.observations, same_texts=same_texts)
        if table is not None:
            reading.tables.append(table)
