"""An office over several periods, with workbooks that schools send: what changed, comparison, the workbook of a review.

The figures are those that the reports were filled with, added up here once more; formulas are LibreOffice's.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import office, passes
from sync.passes import PassResult
from tests.fakes.ledger_facts import make_office
from tests.fakes.libreoffice import CellError, LibreOffice
from tests.fakes.offices import PERIOD, PLAN, ZONE, send

EARLIER, SILENT, YEAR_BEFORE = "2022-2023/HK1", "2023-2024/HK1", "2023-2024/CN"
Cells = dict[tuple[str, str, str], Any]
REPORTS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    EARLIER: {"TH01": (2, 300), "MN01": (1, 120)},
    YEAR_BEFORE: {"TH01": (4, 310), "MN01": (3, 130), "CS01": (5, 500)},
    PERIOD: {"TH01": (6, 320)},
}
"""Of each school: so many activities of section I are done, so many children."""
MOMENTS = {EARLIER: "2023-01-16T09:00", YEAR_BEFORE: "2024-06-01T09:00", PERIOD: "2025-01-18T09:00"}
ROWS = [row.code for row in PLAN.tables["activities"].rows_of("I")]


def filled(workspace: Path, period: str, done: int, children: int) -> Cells:
    starts_on = office.open_office(workspace).control.periods.by_key[period].starts_on
    cells: Cells = {("statistics", "A.2", "total"): children}
    for code in ROWS[:done]:
        cells |= {("activities", code, "status"): "Hoàn thành", ("activities", code, "started_on"): starts_on}
        cells |= {("activities", code, "finished_on"): starts_on, ("activities", code, "evidence"): "KH 12/KH-TH"}
    return cells


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


def run(workspace: Path, moment: str, period: str | None = None) -> PassResult:
    return passes.run(office.open_office(workspace, at(moment)), period=period)


def deliver(workspace: Path, school: str, period: str, figures: tuple[int, int], moment: str, name: str = "") -> None:
    file = name or f"{period.replace('/', '-')}/{school}.xlsx"
    send(workspace, school, filled(workspace, period, *figures), file, moment, period)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_office(tmp_path_factory.mktemp("periods") / "office")
    for period, reports in REPORTS.items():
        for school, figures in reports.items():
            deliver(made, school, period, figures, MOMENTS[period])
        run(made, MOMENTS[period].replace("T09", "T15"))
    deliver(made, "TH01", PERIOD, (5, 333), "2025-01-19T09:00", "moi.xlsx")
    deliver(made, "MN01", PERIOD, (1, 140), "2025-01-19T09:05")
    result = run(made, "2025-01-19T15:00")
    assert result.problems == []
    return made


@pytest.fixture(scope="module")
def rows(workspace: Path) -> Callable[[str, str], list[tuple[Any, ...]]]:
    def read(name: str, sheet: str) -> list[tuple[Any, ...]]:
        opened = openpyxl.load_workbook(workspace / "tong-hop" / name, data_only=True)
        found = [tuple(row) for row in opened[sheet].iter_rows(values_only=True)]
        opened.close()
        return found

    return read


Rows = Callable[[str, str], list[tuple[Any, ...]]]
BOOK, REVIEW = "tong-hop-2024-2025-HK1.xlsx", "tong-hop-TK-2025.xlsx"


def row_of(rows: list[tuple[Any, ...]], *texts: str) -> tuple[Any, ...]:
    """The first row in which these texts are cells."""
    return next(row for row in rows if set(texts) <= {str(cell).strip() for cell in row})


def test_what_came_in_is_told_newest_first_with_its_pass(rows: Rows) -> None:
    found = [row for row in rows(BOOK, "Thay đổi") if row[3] in ("TH01", "MN01", "CS01") and row[2]]
    told = [(row[3], row[5], row[2], row[6]) for row in found]
    assert told == [
        ("MN01", "Báo cáo mới, đạt", 4, "2024-2025-HK1/MN01.xlsx"),
        ("TH01", "Bản mới thay bản cũ, đạt", 4, "moi.xlsx"),
        ("TH01", "Báo cáo mới, đạt", 3, "2024-2025-HK1/TH01.xlsx"),
    ]


def test_the_figures_that_moved_are_those_of_the_reports(rows: Rows) -> None:
    told = rows(BOOK, "Thay đổi")
    children = next(row for row in told if row[3] == "A.2" and row[6] == "Tổng số")
    assert children[7:10] == (320, 333 + 140, 333 + 140 - 320)
    received = row_of(told, "Đã gửi báo cáo")
    assert received[7:10] == (1, 2, 1)
    done = {row[3]: row[7:10] for row in told if row[6] == "Số trường: Hoàn thành"}
    assert done == {"I.1": (1, 2, 1), "I.6": (1, 0, -1)}


def test_semesters_stand_beside_each_other_and_a_silent_one_is_not_zero(rows: Rows) -> None:
    told = rows(BOOK, "So sánh các kỳ")
    header = next(row for row in told if "Học kỳ I năm học 2022-2023" in row)
    assert header[2:5] == tuple(f"Học kỳ I năm học {year}" for year in ("2022-2023", "2023-2024", "2024-2025"))
    children = row_of(told, "A.2", "Số trẻ em, học sinh – tổng số")
    assert children[2:6] == (420, None, 473, 53)
    assert row_of(told, "Đã gửi báo cáo")[2:6] == (2, "Không có", 2, 0)
    section = next(row for row in told if row[0] == "I")
    assert section[2] == pytest.approx(3 / 14)
    assert section[4] == pytest.approx(6 / 14)
    assert section[5] == pytest.approx(3 / 14)


def test_all_periods_follow_in_order_of_time(rows: Rows) -> None:
    told = rows(BOOK, "So sánh các kỳ")
    children = row_of(told, "A.2", "Số trẻ em, học sinh – tổng số")
    assert children[6:] == (420, None, None, 940, 473)


def test_a_review_is_built_when_it_is_asked_for_and_not_again(workspace: Path, tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(workspace, tmp_path / "office"))
    (workspace / "tong-hop" / REVIEW).unlink(missing_ok=True)
    result = run(workspace, "2025-01-20T09:00", "TK-2025")
    assert (result.period, result.workbook, result.periods) == ("TK-2025", f"tong-hop/{REVIEW}", [])
    assert [(each["period"], each["rebuilt"]) for each in result.reviews] == [("TK-2025", True)]
    again = run(workspace, "2025-01-20T10:00", "TK-2025")
    assert [each["rebuilt"] for each in again.reviews] == [False]


def test_the_review_has_each_periods_figures_as_they_were_reported(workspace: Path, rows: Rows) -> None:
    run(workspace, "2025-01-20T09:00", "TK-2025")
    children = row_of(rows(REVIEW, "Số liệu"), "A.2", "Số trẻ em, học sinh – tổng số")
    assert children[2:] == (420, None, None, 940, 473, None)
    section = next(row for row in rows(REVIEW, "Phụ lục tổng hợp") if row[0] == "I.")
    groups = [section[start : start + 3] for start in range(5, 5 + 3 * 6, 3)]
    assert groups[0] == (3, 14, pytest.approx(3 / 14))
    assert groups[1] == (None, None, None)
    assert groups[3] == (12, 21, pytest.approx(12 / 21))
    assert groups[4] == (6, 14, pytest.approx(6 / 14))


def test_the_review_says_how_often_a_school_was_on_time(workspace: Path, rows: Rows) -> None:
    run(workspace, "2025-01-20T09:00", "TK-2025")
    told = {row[1]: row[5:] for row in rows(REVIEW, "Theo trường") if row[1] in ("TH01", "MN01", "CS01")}
    assert told == {
        "TH01": ("Đúng hạn", "Đúng hạn", "Đúng hạn", 3, 0, 0, 0, 0),
        "MN01": ("Đúng hạn", "Đúng hạn", "Đúng hạn", 3, 0, 0, 0, 0),
        "CS01": ("Chưa nộp", "Đúng hạn", "Sắp đến hạn", 1, 0, 0, 1, 0),
    }


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-06-20T09:00", []),
        ("2025-07-20T09:00", ["2025/NAM"]),
        ("2025-09-20T09:00", ["2025/NAM", "TK-2025"]),
        ("2026-02-01T09:00", ["TK-2025"]),
        ("2026-04-01T09:00", []),
    ],
)
def test_a_pass_builds_reviews_around_the_date_on_which_they_are_due(
    workspace: Path, moment: str, expected: list[str]
) -> None:
    assert [each["period"] for each in run(workspace, moment).reviews] == expected


def test_a_period_that_the_office_does_not_have_is_refused(workspace: Path) -> None:
    with pytest.raises(office.UnknownPeriod):
        run(workspace, "2025-01-20T09:00", "TK-2031")


@pytest.mark.parametrize("book", [BOOK, REVIEW])
def test_libreoffice_gives_every_formula_its_cached_value(workspace: Path, libreoffice: LibreOffice, book: str) -> None:
    run(workspace, "2025-01-20T09:00", "TK-2025")
    path = workspace / "tong-hop" / book
    formulas, cached = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    names = ["Thay đổi", "So sánh các kỳ"] if book == BOOK else formulas.sheetnames
    compared = 0
    with libreoffice.open(path) as opened:
        opened.recalculate()
        for name in names:
            values = opened.read(name)
            for cell in (cell for row in formulas[name].iter_rows() for cell in row):
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    expected, now = cached[name][cell.coordinate].value, values[cell.row - 1][cell.column - 1]
                    assert not isinstance(now, CellError), (name, cell.coordinate, cell.value)
                    assert now == (expected if isinstance(expected, str) else pytest.approx(expected)), cell.coordinate
                    compared += 1
    assert compared > 80
