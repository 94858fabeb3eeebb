"""Files that are nobody's report, whatever stands in them: no workbooks, others' workbooks, false identities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from sync.config import Intake
from sync.demo import files
from sync.demo.book import Book, Content, Identity, Sealer, Sheet, book, sheet_of
from sync.demo.faults import CannotPlantError
from sync.demo.planted import Spot
from sync.demo.report import Report
from sync.demo.typing_in import Typist
from sync.landmarks import INFO_SHEET, META_SHEET


class Stray(NamedTuple):
    """A file's bytes, the extension it is sent under, and the finding that it gives."""

    content: bytes
    extension: str
    spot: Spot


@dataclass(frozen=True)
class Stock:
    """What strays are made of."""

    report: Report
    """A sound report of a school."""
    identity: Identity
    """Of that school."""
    others: tuple[Report, ...]
    """Sound reports of other schools."""
    closed: Report
    """A sound report of a school that is closed."""
    sealer: Sealer
    typist: Typist
    limits: Intake


def _typed(stock: Stock, code: str, identity: Identity, report: Report | None = None) -> Stray:
    return Stray(stock.typist.filled_in(report or stock.report, identity), "xlsx", Spot(code))


def _written(sheets: Book, spot: Spot) -> Stray:
    return Stray(files.write(sheets, "xlsx"), "xlsx", spot)


def empty_file(_: Stock) -> Stray:
    return Stray(b"", "xlsx", Spot("empty-file"))


def web_page(stock: Stock) -> Stray:
    return Stray(files.web_page(stock.report.period.title), "xls", Spot("not-a-workbook"))


def word_document(stock: Stock) -> Stray:
    return Stray(files.word_document(stock.report.period.title), "xlsx", Spot("not-a-workbook"))


def page_description(_: Stock) -> Stray:
    return Stray(files.pdf(), "xlsx", Spot("not-a-workbook"))


def encrypted(stock: Stock) -> Stray:
    return Stray(files.locked(stock.report.rng.randbytes(8192)), "xlsx", Spot("encrypted"))


def damaged(stock: Stock) -> Stray:
    """A file whose transfer broke off."""
    whole = stock.typist.filled_in(stock.report, stock.identity)
    return Stray(whole[: len(whole) * 3 // 5], "xlsx", Spot("damaged"))


def too_many_sheets(stock: Stock) -> Stray:
    sheets = book(stock.report, stock.identity)
    sheets += [Sheet(f"Sheet{number}") for number in range(1, stock.limits.max_sheets + 1)]
    return _written(sheets, Spot("too-many-sheets"))


def too_many_cells(stock: Stock) -> Stray:
    """Somebody pressed Ctrl+End and a key."""
    sheets = book(stock.report, stock.identity)
    sheet = sheet_of(sheets, stock.report.plan.all_tables[0].id)
    columns = 700
    sheet.cells[stock.limits.max_cells // columns + 50, columns] = 0
    return _written(sheets, Spot("too-many-cells", sheet.name))


def not_our_workbook(_: Stock) -> Stray:
    cells: dict[tuple[int, int], Content] = {
        (0, 0): "DANH SÁCH THIẾT BỊ",
        (2, 0): "Stt",
        (2, 1): "Tên thiết bị",
        (2, 2): "Số lượng",
    }
    for row in range(3, 9):
        cells[row, 0], cells[row, 1], cells[row, 2] = row - 2, "Quạt trần", 2
    return _written([Sheet("Thiết bị", cells)], Spot("not-our-workbook"))


def other_plan(stock: Stock) -> Stray:
    identity = stock.sealer.sealed(stock.identity.school, stock.identity.period, plan=f"{stock.identity.plan}-khac")
    return _typed(stock, "other-plan", identity)


def no_identity(stock: Stock) -> Stray:
    """The tables were copied into a new workbook."""
    sheets = [sheet for sheet in book(stock.report, stock.identity) if sheet.name not in (INFO_SHEET, META_SHEET)]
    return _written(sheets, Spot("no-identity"))


def unknown_school(stock: Stock) -> Stray:
    return _typed(stock, "unknown-school", stock.sealer.sealed(f"{stock.identity.school}X", stock.identity.period))


def closed_school(stock: Stock) -> Stray:
    school = stock.closed.school.code
    return _typed(stock, "closed-school", stock.sealer.sealed(school, stock.identity.period), stock.closed)


def unknown_period(stock: Stock) -> Stray:
    return _typed(stock, "unknown-period", stock.sealer.sealed(stock.identity.school, f"{stock.identity.period}-BS"))


def broken_seal(stock: Stock) -> Stray:
    """A school filled in the workbook of another: it changed the code that says whose it is."""
    level = stock.report.school.level
    other = next((report.school.code for report in stock.others if report.school.level == level), None)
    if other is None:
        raise CannotPlantError("broken-seal")
    return _typed(stock, "broken-seal", replace(stock.identity, school=other))


def empty_report(stock: Stock) -> Stray:
    blank = stock.report.copy()
    blank.filled.clear()
    return _typed(stock, "empty-report", stock.identity, blank)


STRAYS: Mapping[str, Callable[[Stock], Stray]] = {
    "empty-file": empty_file,
    "not-a-workbook (html)": web_page,
    "broken-seal": broken_seal,
    "empty-report": empty_report,
    "encrypted": encrypted,
    "damaged": damaged,
    "unknown-school": unknown_school,
    "no-identity": no_identity,
    "not-our-workbook": not_our_workbook,
    "unknown-period": unknown_period,
    "closed-school": closed_school,
    "other-plan": other_plan,
    "not-a-workbook (docx)": word_document,
    "not-a-workbook (pdf)": page_description,
    "too-many-sheets": too_many_sheets,
    "too-many-cells": too_many_cells,
}
"""By name, in the order in which a small demo has room for them. Each raises CannotPlantError where there is no way."""
