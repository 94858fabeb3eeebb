"""How far activities and duties are, as sentences: over all, by section, what goes well and what lags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from sync.consolidate import DENOMINATOR, NUMERATOR, Consolidated, TableFigures
from sync.plan import Row, Table, TableId
from sync.reporting.masking import Masking
from sync.reporting.wording import gap, lowered, number, percent, plain, short

WELL, LAGGING = 0.8, 0.5
"""A row goes well where at least this share of the schools to which it applies has done it, and lags below that."""


@dataclass(frozen=True)
class Tally:
    """Reports of schools on rows: to how many a row applies, and what they say of it."""

    applies: int
    done: int
    under_way: int
    not_begun: int
    not_applicable: int

    @property
    def unsaid(self) -> int:
        return self.applies - self.done - self.under_way - self.not_begun


class Results(TypedDict):
    """Sentences; `well` and `lagging` name rows. has_data: whether any school's report counts."""

    has_data: bool
    overall: str
    sections: list[str]
    reach: str
    well: list[str]
    lagging: list[str]


def tally(figures: TableFigures, codes: Iterable[str]) -> Tally:
    """The rows `codes` together."""
    chosen = list(codes)
    stages = figures.stages.loc[chosen].sum()
    return Tally(
        int(figures.applies.loc[chosen].sum()),
        *(int(stages[name]) for name in ("done", "under_way", "not_begun", "not_applicable")),
    )


def content(table: Table, row: Row) -> str:
    """The text of a row: of its widest printed column."""
    widest = max(table.fixed, key=lambda column: column.width)
    return plain(row.text(widest.id))


def results(main: Consolidated | None, table_id: TableId, masking: Masking) -> Results | None:
    """What schools report of the table's rows; None where the plan has no such table, or it has no progress."""
    if main is None or table_id not in main.tables or main.tables[table_id].table.status_column is None:
        return None
    figures = main.tables[table_id]
    rows = {row.code: tally(figures, [row.code]) for row in figures.table.rows}
    told = {code: each for code, each in rows.items() if each.applies}
    well = [code for code, each in told.items() if each.done / each.applies >= WELL]
    lagging = [code for code, each in told.items() if each.done / each.applies < LAGGING]
    return {
        "has_data": bool(told),
        "overall": _overall(figures),
        "sections": _sections(figures),
        "reach": _reach(figures, masking),
        "well": [_row(figures, code, rows[code]) for code in sorted(well, key=lambda c: -_share(rows[c]))],
        "lagging": [_row(figures, code, rows[code]) for code in sorted(lagging, key=lambda c: _share(rows[c]))],
    }


def _share(each: Tally) -> float:
    return each.done / each.applies


def _overall(figures: TableFigures) -> str:
    name = lowered(plain(figures.table.row_name))
    whole = tally(figures, figures.table.rows_by_code)
    if not whole.applies:
        return gap(f"Chưa có số liệu của trường về các {name}; nêu kết quả chung")
    extra = f" Ngoài ra có {number(whole.not_applicable)} lượt không áp dụng." if whole.not_applicable else ""
    return (
        f"Tính theo lượt (mỗi {name} của một trường là một lượt), các trường phải thực hiện "
        f"{number(whole.applies)} lượt; {_progress(whole)}.{extra}"
    )


def _progress(each: Tally) -> str:
    parts = [f"hoàn thành {number(each.done)} lượt ({percent(each.done, each.applies)})"]
    rest = (
        (each.under_way, "đang thực hiện"),
        (each.not_begun, "chưa thực hiện"),
        (each.unsaid, "chưa ghi tình trạng"),
    )
    return ", ".join(parts + [f"{words} {number(count)} lượt" for count, words in rest if count])


def _sections(figures: TableFigures) -> list[str]:
    lines = []
    for section in figures.table.sections:
        each = tally(figures, (row.code for row in figures.table.rows_of(section.code)))
        told = _progress(each) if each.applies else gap("chưa có số liệu của trường; nêu kết quả của mục này")
        lines.append(f"Mục {plain(section.code)}. {short(section.title, 200)}: {told}.")
    return lines


def _reach(figures: TableFigures, masking: Masking) -> str:
    """The sums of the number columns over all rows, "" where there are none."""
    table = figures.table
    columns = [column for column in table.columns if column.is_number and column.id not in (NUMERATOR, DENOMINATOR)]
    if not columns or not figures.reports.sum():
        return ""
    # Each row's figures stand in the appendix.
    sums = figures.sums[[column.id for column in columns]]
    totals = masking.totals(table, {str(code): dict(each.dropna()) for code, each in sums.iterrows()})
    told = [f"{lowered(plain(each.heading))} {totals[each.id]}" for each in columns if each.id in totals]
    name = lowered(plain(figures.table.row_name))
    return f"Cộng qua các {name}: {'; '.join(told)} (người tham gia nhiều {name} được tính nhiều lần)."


def _row(figures: TableFigures, code: str, each: Tally) -> str:
    table = figures.table
    text = short(content(table, table.rows_by_code[code]))
    share = percent(each.done, each.applies)
    return f"{plain(table.row_name)} {code} ({text}): {number(each.done)}/{number(each.applies)} trường ({share})"
