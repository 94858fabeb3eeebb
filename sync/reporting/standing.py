"""Who reported: sentences and, over several periods, a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from sync.consolidate import Consolidated
from sync.reporting.subject import Subject, in_text
from sync.reporting.tables import ReportTable, line, table
from sync.reporting.wording import gap, listed, number, percent, plain
from sync.standing import Standing

_PARTS: Sequence[tuple[tuple[Standing, ...], str]] = (
    (("on_time",), "đúng hạn"),
    (("late",), "nộp muộn"),
    (("to_mend",), "đã nộp nhưng còn phải chỉnh sửa"),
    (("missing",), "chưa nộp"),
    (("due_soon", "not_due"), "chưa nộp, còn trong thời hạn"),
    (("excused",), "được miễn báo cáo"),
)
_NAMED: Sequence[tuple[Standing, str]] = (
    ("late", "Trường nộp muộn"),
    ("to_mend", "Trường còn phải chỉnh sửa báo cáo"),
    ("missing", "Trường chưa nộp báo cáo"),
)


class Reporting(TypedDict):
    """lines: sentences. table: a row per period, None where the report is on one. owing, counted: schools, printed."""

    lines: list[str]
    table: ReportTable | None
    owing: str
    counted: str


def reporting(subject: Subject, width: float) -> Reporting:
    """Who reported in the covered periods; a marked gap where schools have not been asked yet."""
    of = subject.state
    if not subject.covered or of is None:
        told = gap("Nêu tình hình báo cáo của các trường: phần mềm không có kỳ báo cáo nào của trường trong kỳ này")
        return {"lines": [told], "table": None, "owing": gap("số trường"), "counted": gap("số trường")}
    lines = [_sentence(of), *_named(of), _counted(of)]
    return {
        "lines": lines,
        "table": _table(subject, width) if len(subject.covered) > 1 else None,
        "owing": number(len(of.progress)),
        "counted": number(_count(of)),
    }


def _count(figures: Consolidated) -> int:
    return int(figures.progress["counted"].sum())


def _sentence(figures: Consolidated) -> str:
    parts = [(sum(figures.standings[each] for each in standings), words) for standings, words in _PARTS]
    told = ", ".join(f"{number(count)} trường {words}" for count, words in parts if count)
    period = plain(in_text(figures.period.title))
    if not told:
        return f"Trong {period} không có trường nào thuộc diện báo cáo."
    return f"Trong {period}, {number(len(figures.progress))} trường thuộc diện báo cáo, trong đó: {told}."


def _named(figures: Consolidated) -> list[str]:
    names = {standing: [plain(name) for name in figures.schools_standing(standing)] for standing, _words in _NAMED}
    return [f"{words}: {listed(names[standing])}." for standing, words in _NAMED if names[standing]]


def _counted(figures: Consolidated) -> str:
    counted, owing = _count(figures), len(figures.progress)
    if not counted:
        return gap("Chưa có báo cáo nào của trường đạt yêu cầu để tổng hợp số liệu; bổ sung khi các trường đã nộp")
    share = percent(counted, owing)
    schools = f"{number(counted)}/{number(owing)} trường ({share})"
    return f"Số liệu dưới đây được tổng hợp từ báo cáo đã đạt yêu cầu của {schools}."


def _table(subject: Subject, width: float) -> ReportTable:
    columns = [("Kỳ báo cáo", 0, "left"), ("Thuộc diện báo cáo", 16, "center"), ("Được tổng hợp", 16, "center")]
    heads = ("Đúng hạn", "Trễ hạn", "Phải chỉnh sửa", "Chưa nộp", "Còn trong hạn", "Được miễn")
    rows = [
        line(
            plain(each.period.title),
            number(len(each.schools)),
            number(each.counted),
            *(number(sum(each.standings[name] for name in standings)) for standings, _words in _PARTS),
        )
        for each in subject.covered
    ]
    return table([*columns, *((head, 15, "center") for head in heads)], rows, width)  # type: ignore[list-item]
