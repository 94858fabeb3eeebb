"""What a school changes of the plan's own words is told, and nothing that only looks changed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from sync.intake import reader
from sync.intake.guard import Limits
from sync.intake.reading import Observation
from tests.intake.test_reader import SOUND, codes, read, values
from tests.intake.workbooks import ACTIVITIES, META, SPEC, Cell, sheets, with_cell, xlsx


@pytest.mark.parametrize(
    ("row", "column", "cell", "observed"),
    [
        (3, 2, "Bón phân", ("C4", "Tưới cây", "Bón phân")),
        (3, 2, None, ("C4", "Tưới cây", None)),
        (3, 2, "  ", ("C4", "Tưới cây", None)),
        (3, 2, "Tưới cây và bón phân " + "x" * 100, ("C4", "Tưới cây", "Tưới cây và bón phân " + "x" * 59)),
        (3, 1, "3", ("B4", "2", "3")),
        (3, 1, date(2024, 2, 1), ("B4", "2", "01/02/2024")),
    ],
)
def test_a_changed_text_of_the_plan_is_told_with_the_right_one(
    row: int, column: int, cell: Cell, observed: tuple[str, str, str | None]
) -> None:
    reading = read(xlsx(sheets(activities=with_cell(ACTIVITIES, row, column, cell))))
    (seen,) = reading.observations
    assert (seen.code, seen.table, seen.sheet) == ("fixed-text-changed", "activities", "Phụ lục")
    assert (seen.row, seen.column) == ("I.2", None)
    assert (seen.cell, dict(seen.params)["text"], seen.value) == observed
    assert values(reading) == SOUND


@pytest.mark.parametrize(
    ("row", "column", "cell"),
    [
        (3, 2, " TƯỚI\ncây. "),
        (3, 2, unicodedata.normalize("NFD", "Tưới  cây;")),
        (3, 1, 2),
        (3, 1, "2."),
        (3, 1, None),
        (1, 2, "Mục khác"),
        (0, 2, "Nội dung công việc"),
    ],
)
def test_a_text_that_is_only_spelt_otherwise_or_that_nobody_needs_is_not_told(
    row: int, column: int, cell: Cell
) -> None:
    reading = read(xlsx(sheets(activities=with_cell(ACTIVITIES, row, column, cell))))
    assert (codes(reading), values(reading)) == ([], SOUND)


def test_of_several_changed_texts_of_a_row_the_longest_is_told() -> None:
    changed = with_cell(with_cell(ACTIVITIES, 3, 1, "7"), 3, 2, "Bón phân")
    assert codes(read(xlsx(sheets(activities=changed)))) == [("fixed-text-changed", "C4")]


@pytest.mark.parametrize(("version", "observed"), [("1", ["older-template"]), ("2", ["fixed-text-changed"]), ("3", [])])
def test_texts_of_another_version_may_be_others(version: str, observed: list[str]) -> None:
    content = xlsx(sheets(activities=with_cell(ACTIVITIES, 3, 2, "Bón phân"), meta=with_cell(META, 1, 1, version)))
    assert [code for code, _cell in codes(read(content))] == observed


def test_what_stands_at_the_end_of_a_long_text_of_the_plan_is_compared_and_its_beginning_is_quoted() -> None:
    long = "Gieo hạt " * 30
    spec = replace(
        SPEC, tables=(replace(SPEC.tables[0], printed=(("1", long), ("2", "Tưới cây"), ("1", "Thu hoạch"))),)
    )
    plans = reader.prepare({"garden": spec})

    def observed(text: str) -> list[Observation]:
        content = xlsx(sheets(activities=with_cell(ACTIVITIES, 2, 2, text)))
        return reader.read(content, plans, Limits()).observations

    assert observed(long) == []
    (seen,) = observed(f"{long}hoa")
    assert (seen.cell, dict(seen.params)["text"], seen.value) == ("C3", long[:120], long[:80])
