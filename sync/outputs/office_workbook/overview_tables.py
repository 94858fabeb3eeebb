"""The two tables of `Tổng quan`: what is done in each section, and the targets; their figures are other sheets'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sync.consolidate import DENOMINATOR, NUMERATOR
from sync.outputs import styles
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.fitting import shortened
from sync.outputs.office_workbook.leaves import NOTHING, Leaf
from sync.outputs.office_workbook.page import COLUMNS, SMALL, Formula, Page, characters
from sync.outputs.office_workbook.summary_sheets import Summary
from sync.plan import TableId

_MOST = 6
"""Lines of a table; where there are more, those with the least share are shown."""
_HEAD, _LINE = 27.0, 14.25
_AGAINST = '"thừa "0.0%;"thiếu "0.0%;"đủ"'


class Sizes(NamedTuple):
    """How many lines of text a section and a target may take."""

    section: int
    target: int


SIZES = (Sizes(4, 3), Sizes(4, 2), Sizes(3, 2), Sizes(2, 2), Sizes(2, 1))
"""From the roomiest to the tightest."""


class Line(NamedTuple):
    """A line of a table: its row on the other sheet, its text, the rows of the plan that it adds up."""

    code: str
    text: str
    codes: Sequence[str]


def height(summaries: Mapping[TableId, Summary], sizes: Sizes) -> float:
    """The height that both tables take, in points, with a gap below each."""
    total, gap = 0.0, 6.0
    activities, targets = summaries["activities"], summaries.get("targets")
    if activities.leaves.table.status_column is not None:
        total += _HEAD + len(section_lines(activities)) * _tall(sizes.section) + _LINE + gap
    if targets is not None and _keys(targets):
        total += _HEAD + len(_lines_of_rows(targets)) * _tall(sizes.target) + gap
    return total


def _tall(lines: int) -> float:
    return _LINE + (lines - 1) * 12.0


def section_lines(summary: Summary) -> list[Line]:
    """Sections, or rows where the plan has none."""
    table = summary.leaves.table
    sections = [
        Line(section.code, f"{section.code}. {section.title}", [row.code for row in table.rows_of(section.code)])
        for section in table.sections
    ]
    return _least(summary, sections, "done_share") if sections else _lines_of_rows(summary)


def done_heading(summary: Summary) -> str:
    """What the share that is done is called."""
    return _leaf(summary, "done_share").heading


def write_sections(page: Page, summary: Summary, first: int, sizes: Sizes) -> None:
    """From column `first` to the last: section, how often done and how often it applies, share."""
    name = "Mục (số lượt trường × hoạt động)" if summary.leaves.table.sections else summary.leaves.table.row_name
    spans = _spans(first, (3, 3, 3))
    done = done_heading(summary).removeprefix("Tỉ lệ ")
    _write_head(page, spans, (name, done[:1].upper() + done[1:], "Áp dụng", "Tỉ lệ"))
    everything = [row.code for row in summary.leaves.table.rows]
    for line in [*section_lines(summary), Line("", "Tổng cộng", everything)]:
        look: dict[str, Any] = {} if line.code else {"bold": True, "bg_color": formats.SECTION_FILL}
        lines = sizes.section if line.code else 1
        _text(page, spans[0], line.text, lines, look)
        _figure(page, spans[1], _sum(summary, line, summary.leaves.keys_of("done")), look)
        _figure(page, spans[2], _reference(summary, line, "applies"), look)
        _figure(page, spans[3], _reference(summary, line, "done_share"), {**look, "num_format": formats.SHARE})
        page.next(_tall(lines))


def write_targets(page: Page, summary: Summary, sizes: Sizes) -> bool:
    """Numerator, denominator, share, and what lacks to 100 %; gives whether the table has any of it."""
    keys = _keys(summary)
    if not keys:
        return False
    table = summary.leaves.table
    spans = _spans(0, (4, 4, 4, 4))
    above, below, share = keys
    headings = [_leaf(summary, key).heading for key in (above[0], below)]
    _write_head(page, spans, (table.row_name, *headings, "Tỉ lệ", "So với 100%"))
    for line in _lines_of_rows(summary):
        _text(page, spans[0], line.text, sizes.target, {})
        _figure(page, spans[1], _sum(summary, line, above), {})
        _figure(page, spans[2], _reference(summary, line, below), {})
        reached = _reference(summary, line, share)
        _figure(page, spans[3], reached, {"num_format": formats.SHARE})
        _figure(page, spans[4], _against(reached), {"num_format": _AGAINST})
        page.next(_tall(sizes.target))
    return True


def _keys(summary: Summary) -> tuple[Sequence[str], str, str] | None:
    """What is above and below the line of a table's share, and the share; None where it has none."""
    known = {leaf.key for leaf in summary.leaves.all}
    if "share" in known:
        return [NUMERATOR], DENOMINATOR, "share"
    return (summary.leaves.keys_of("done"), "applies", "done_share") if "done_share" in known else None


def _lines_of_rows(summary: Summary) -> list[Line]:
    table, keys = summary.leaves.table, _keys(summary)
    lines = [Line(row.code, f"{row.number}. {content_of(table, row)}", [row.code]) for row in table.rows]
    return _least(summary, lines, keys[2]) if keys else lines


def _least(summary: Summary, lines: list[Line], key: str) -> list[Line]:
    """At most _MOST of `lines`, in the order of the plan."""
    leaf = _leaf(summary, key)

    def share(line: Line) -> float:
        value = leaf.value(line.codes)
        return 2.0 if isinstance(value, str) else value

    kept = sorted(range(len(lines)), key=lambda at: share(lines[at]))[:_MOST]
    return [lines[at] for at in sorted(kept)]


def _leaf(summary: Summary, key: str) -> Leaf:
    return next(leaf for leaf in summary.leaves.all if leaf.key == key)


def _reference(summary: Summary, line: Line, key: str) -> Formula | None:
    """The figure on the other sheet; None where its cell is closed there."""
    leaf, row = _leaf(summary, key), summary.leaves.table.rows_by_code.get(line.code)
    if row is not None and not leaf.is_open(row):
        return None
    return Formula("=" + summary.reference(line.code, key), leaf.value(line.codes))


def _sum(summary: Summary, line: Line, keys: Sequence[str]) -> Formula | None:
    parts = [part for key in keys if (part := _reference(summary, line, key))]
    text = "=" + cells.total([part.text.removeprefix("=") for part in parts])
    return Formula(text, sum(float(part.value) for part in parts)) if parts else None


def _against(share: Formula | None) -> Formula | None:
    if share is None:
        return None
    cell = share.text.removeprefix("=")
    value = share.value if isinstance(share.value, str) else share.value - 1
    return Formula(f"=IF(ISNUMBER({cell}),{cell}-1,{cells.quoted(NOTHING)})", value)


def _spans(first: int, widths: Sequence[int]) -> list[tuple[int, int]]:
    """Columns (first, last): the text from `first` on, then the figures, as many columns wide as `widths` say."""
    edge = COLUMNS - sum(widths)
    spans = [(first, edge - 1)]
    for width in widths:
        spans.append((edge, edge + width - 1))
        edge += width
    return spans


def _write_head(page: Page, spans: Sequence[tuple[int, int]], headings: Sequence[str]) -> None:
    look = {"bold": True, "align": "center", "bg_color": formats.HEADER_FILL, **_BOXED}
    for (first, last), heading in zip(spans, headings, strict=True):
        page.text(first, last, shortened(heading, characters(last - first + 1), SMALL, 2, bold=True), **look)
    page.next(_HEAD)


def _text(page: Page, span: tuple[int, int], text: str, lines: int, look: Mapping[str, Any]) -> None:
    width = characters(span[1] - span[0] + 1)
    page.text(span[0], span[1], shortened(text, width, SMALL, lines, bold=bool(look.get("bold"))), **_BOXED, **look)


def _figure(page: Page, span: tuple[int, int], figure: Formula | None, look: Mapping[str, Any]) -> None:
    if figure is None:
        page.text(span[0], span[1], NOTHING, align="center", **_BOXED, **look)
    else:
        page.figure(span[0], span[1], figure, text_wrap=False, **_BOXED, **look)


_BOXED: Mapping[str, Any] = {"border": 1, "border_color": styles.BORDER}
