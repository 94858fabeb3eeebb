"""Periods beside each other: the years of a review, a period and the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.comparing import PeriodFigures, TableTotals
from sync.plan import Plan, Row
from sync.reporting.figures import Columns, beside, number_columns
from sync.reporting.masking import FEW, HIDDEN
from sync.reporting.results import content
from sync.reporting.subject import Subject, in_text, short_title
from sync.reporting.tables import Line, ReportTable, line, table
from sync.reporting.wording import NONE, gap, lowered, number, percent, plain, signed


def _shares(plan: Plan, each: PeriodFigures) -> dict[str, tuple[str, int, int]]:
    """What periods are compared by: (label, done, applies) by key."""
    found: dict[str, tuple[str, int, int]] = {}
    activities, targets = plan.tables["activities"], plan.tables.get("targets")
    if activities.status_column is not None:
        totals, name = each.tables["activities"], lowered(plain(activities.row_name))
        found["all"] = (f"Tỉ lệ lượt {name} hoàn thành", *_done(totals, activities.rows))
        for part in activities.sections:
            label = f"– Mục {plain(part.code)}"
            found[f"section {part.code}"] = (label, *_done(totals, activities.rows_of(part.code)))
    for row in targets.rows if targets and targets.status_column else ():
        label = f"Tỉ lệ trường đạt {lowered(plain(targets.row_name)) if targets else ''} {row.number}"
        found[f"target {row.code}"] = (label, *_done(each.tables["targets"], [row]))
    return found


def _done(totals: TableTotals, rows: Sequence[Row]) -> tuple[int, int]:
    codes = [row.code for row in rows]
    return totals.done(codes), sum(totals.applies[code] for code in codes)


def years(subject: Subject, width: float) -> ReportTable | None:
    """A column per span: schools, shares of activities and targets; None where there is only one."""
    if len(subject.spans) < 2:
        return None
    heads = [plain(short_title(each)) for each in subject.spans]
    columns: Columns = [("Nội dung", 0, "left"), *((head, 21, "center") for head in heads)]
    counted = (f"{number(each.counted)}/{number(len(each.schools))}" for each in subject.spans)
    rows = [line("Số trường được tổng hợp/thuộc diện báo cáo", *counted)]
    all_shares = [_shares(subject.plan, each) for each in subject.spans]
    for key, (label, _done, _whole) in all_shares[-1].items():
        values = (percent(*each[key][1:]) if key in each else NONE for each in all_shares)
        rows.append(line(label, *values))
    return table(columns, rows, width)


def compared(subject: Subject, width: float) -> ReportTable | None:
    """This period beside the earlier one: shares, and the sums of the statistics; None where one has no figures."""
    past = subject.past
    if not subject.spans or past is None:
        return None
    main = subject.spans[-1]
    now, then = (_shares(subject.plan, each) for each in (main, past))
    rows = [_share_line(label, then.get(key), (label, done, whole)) for key, (label, done, whole) in now.items()]
    heads = (plain(short_title(past)), plain(short_title(main)), "Tăng (+), giảm (-)")
    columns: Columns = [("Nội dung", 0, "left"), *((head, 30, "right") for head in heads)]
    return table(columns, [*rows, *_differences(subject, main, past)], width)


def _share_line(label: str, then: tuple[str, int, int] | None, now: tuple[str, int, int]) -> Line:
    known = then is not None and then[2] and now[2]
    before = percent(*then[1:]) if then else NONE
    points = f"{signed(_points(now) - _points(then))} điểm %" if known and then else NONE
    return line(label, before, percent(*now[1:]), points)


def _points(share: tuple[str, int, int]) -> float:
    """The share as it is printed, in per cent."""
    printed = percent(share[1], share[2]).removesuffix("%")
    return float(printed.replace(".", "").replace(",", "."))


def _differences(subject: Subject, main: PeriodFigures, past: PeriodFigures) -> Iterator[Line]:
    own = subject.plan.tables.get("statistics")
    if own is None or not number_columns(own):
        return
    for row in own.rows:
        values, shown = beside(subject, own, row, (past, main))
        hidden = {FEW, HIDDEN} & {*shown}
        yield line(content(own, row), *shown, HIDDEN if hidden else signed(values[1] - values[0]))


def compared_words(subject: Subject) -> str:
    """What stands over the comparison, or a marked gap where there is nothing to compare with."""
    if not subject.spans:
        return gap("So sánh với kỳ trước khi đã có số liệu của kỳ này")
    if subject.past is None:
        title = plain(in_text(subject.earlier_title))
        of = f"của {title} " if title else "của kỳ trước "
        return gap(f"So sánh với kỳ trước: phần mềm không có số liệu {of}để so sánh")
    then, now = (plain(in_text(each.period.title)) for each in (subject.past, subject.spans[-1]))
    return (
        f"So sánh {now} với {then} (tổng hợp từ {number(subject.spans[-1].counted)} trường so với "
        f"{number(subject.past.counted)} trường; khi số trường khác nhau, các số cộng không so sánh trực tiếp được):"
    )
