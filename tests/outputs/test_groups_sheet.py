"""`Theo nhóm`: its figures beside an independent recount of the lists of the same workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
from openpyxl.workbook import Workbook  # type: ignore[import-untyped, unused-ignore]

from sync import plan as plans
from sync.consolidate import Facts, consolidate
from sync.outputs.office_workbook import build
from sync.outputs.office_workbook.leaves import NOTHING
from sync.plan import Plan
from tests.fakes.libreoffice import LibreOffice
from tests.outputs import office_facts, tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, make_facts

SHEET = "Theo nhóm"
SHIPPED = plans.load("thu-thua-2020-2025")
OTHER = plans.load(Path(__file__).parent.parent / "fakes" / "other-plan.toml")
UNITS = ["Xã Một", "xã một", "Phường 2", "=x", "A*", "A~?", "", "D" * 300]


def facts_of(plan: Plan, seed: int, units: list[str], count: int = 42) -> Facts:
    """Facts of schools that lie in these units at random."""
    random = Random(seed)
    facts = make_facts(plan, count, seed=seed)
    return replace(facts, standings=facts.standings.assign(unit=[random.choice(units) for _ in range(count)]))


def rows_of(book: Workbook, sheet: str) -> list[list[Any]]:
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def table(book: Workbook, sheet: str, heading: str) -> list[dict[str, Any]]:
    """The rows of a list below the row that has `heading`."""
    rows = rows_of(book, sheet)
    head = next(at for at, row in enumerate(rows) if heading in row)
    listed = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]
    return [row for row in listed if row[heading] is not None]


def groups(book: Workbook, plan: Plan) -> Iterator[tuple[str | None, str | None, dict[tuple[str, str], Any]]]:
    """Level, unit (folded) and figures of each row, by what stands over and in their headings."""
    rows = rows_of(book, SHEET)
    overs: list[str] = []
    for over in rows[6]:
        overs.append(over or overs[-1])
    labels = {f"{level.code} – {level.name}": level.code for level in plan.levels} | {
        level.code: level.code for level in plan.levels
    }
    section, unit = "", None
    for row in rows[8:]:
        if row[0] is None:
            break
        if row[1] is None:
            section = row[0]
            continue
        figures = dict(zip(zip(overs[1:], rows[7][1:], strict=True), row[1:], strict=True))
        if section == "":
            yield None, None, figures
        elif section == "Theo cấp học":
            yield labels[row[0]], None, figures
        elif row[0] in labels:
            yield labels[row[0]], unit, figures
        else:
            unit = "" if row[0] == "(chưa ghi xã/phường)" else row[0].lower()
            yield None, unit, figures


def is_in(row: dict[str, Any], level: str | None, unit: str | None) -> bool:
    return level in (None, row["Cấp học"]) and unit in (None, (row["Xã/phường"] or "").lower())


def share(above: float, below: float) -> float | str:
    return above / below if below else NOTHING


def recount(book: Workbook, plan: Plan, level: str | None, unit: str | None) -> dict[tuple[str, str], Any]:
    """The figures of a group, counted from the rows that the workbook shows."""
    schools = [row for row in table(book, "Tiến độ nộp", "Tình trạng") if is_in(row, level, unit)]
    data = [row for row in table(book, "Dữ liệu", "Mã trường") if is_in(row, level, unit)]
    counted = [row for row in schools if row["Bản được tính"]]
    over = "Tình hình nộp (số trường)"
    found: dict[tuple[str, str], Any] = {(over, "Phải báo cáo"): len(schools), (over, "Có bản được tính"): len(counted)}
    found[over, "Đã gửi"] = sum(bool(row["Nhận lần đầu"]) for row in schools)
    for label in ("Đúng hạn", "Nộp muộn", "Phải sửa", "Chưa nộp", "Được miễn"):
        found[over, label] = sum(row["Tình trạng"] == label for row in schools)
    found[over, "Chưa đến hạn"] = sum(row["Tình trạng"] in ("Sắp đến hạn", "Chưa đến hạn") for row in schools)
    activities = plan.tables["activities"]
    mine = [row["Tình trạng"] for row in data if row["Bảng"] == activities.sheet]
    asked = sum(row.is_for(school["Cấp học"]) for school in counted for row in activities.rows)
    applies, done = asked - mine.count("Không áp dụng"), mine.count("Hoàn thành")
    over = "Hoạt động (lượt trường × hoạt động)"
    found |= {(over, "Áp dụng"): applies, (over, "Đã làm"): done, (over, "Tỉ lệ đã làm"): share(done, applies)}
    for row in plan.tables["targets"].rows:
        rows = [each for each in data if each["Bảng"] == "Chỉ tiêu" and each["Mã dòng"] == row.code]
        over = f"Chỉ tiêu {row.number}"
        reached = sum(each["Kết quả (Chỉ tiêu)"] == "Đạt" for each in rows)
        found[over, "Trường đạt"] = share(reached, len(counted))
        above, below = (sum(each[name] or 0 for each in rows) for name in ("Số đã thực hiện", "Tổng số phải thực hiện"))
        found[over, "Đã thực hiện"] = share(above, below)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_equals_a_recount_of_the_lists(seed: int) -> None:
    facts = facts_of(SHIPPED, seed, UNITS[:7])
    content = build(consolidate(facts), OFFICE, NOW)
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    seen = []
    for level, unit, figures in groups(book, SHIPPED):
        seen.append((level, unit))
        assert figures == pytest.approx(recount(book, SHIPPED, level, unit)), (level, unit)
    known = {(None, None), *((level.code, None) for level in SHIPPED.levels)}
    assert known | {(None, unit.lower()) for unit in facts.standings["unit"]} <= set(seen)
    assert len(seen) == len(set(seen)) > 15


def formulas(content: bytes) -> list[Any]:
    sheet = openpyxl.load_workbook(io.BytesIO(content))[SHEET]
    return [cell for row in sheet.iter_rows(min_row=9, min_col=2) for cell in row if cell.value is not None]


def test_every_figure_is_a_formula_of_few_signs() -> None:
    cells = formulas(build(consolidate(facts_of(SHIPPED, 1, UNITS)), OFFICE, NOW))
    assert cells
    assert all(cell.data_type == "f" and len(cell.value) < 8192 for cell in cells)
    longest = max(len(part) for cell in cells for part in cell.value.split('"')[1::2])
    assert longest <= 255, "Excel refuses a longer text in a formula"


@pytest.mark.parametrize(
    ("plan", "seed"),
    [(SHIPPED, 1), (SHIPPED, 2), (OTHER, 3), (tiny_plan.load(), 4)],
    ids=["one", "two", "other", "tiny"],
)
def test_a_recalculation_gives_the_stored_values(
    plan: Plan, seed: int, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    path = tmp_path / "tong-hop.xlsx"
    path.write_bytes(build(consolidate(facts_of(plan, seed, UNITS)), OFFICE, NOW))
    stored = openpyxl.load_workbook(path, data_only=True)[SHEET]
    cells = formulas(path.read_bytes())
    with libreoffice.open(path) as opened:
        opened.recalculate()
        values = opened.read(SHEET)
    assert len(cells) > 100
    for cell in cells:
        expected = stored[cell.coordinate].value
        assert values[cell.row - 1][cell.column - 1] == pytest.approx(expected), f"{cell.coordinate} {cell.value}"


def test_levels_within_units_are_left_out_where_they_would_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of(SHIPPED, 1, UNITS[:3])
    with_levels = formulas(build(consolidate(facts), OFFICE, NOW))
    monkeypatch.setattr("sync.outputs.office_workbook.groups_sheet.MOST_NESTED", 7)
    without = formulas(build(consolidate(facts), OFFICE, NOW))
    columns = len({cell.column for cell in without})
    assert (len(with_levels), len(without)) == ((1 + 4 + 2 + 8) * columns, (1 + 4 + 2) * columns)


def test_an_office_without_units_has_its_levels_only() -> None:
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts_of(SHIPPED, 1, [""])), OFFICE, NOW)))
    names = [row[0] for row in rows_of(book, SHEET)]
    assert "Theo cấp học" in names
    assert "Theo xã/phường" not in names


def test_an_office_without_schools_and_one_without_reports_have_the_sheet() -> None:
    for facts in (make_facts(SHIPPED, 0), office_facts.without_reports(make_facts(SHIPPED, 6), NOW)):
        book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts), OFFICE, NOW)), data_only=True)
        total = next(row for row in rows_of(book, SHEET) if row[0] == "Tất cả các trường")
        assert total[1] == len(facts.standings)
        assert set(total[-10:]) == {NOTHING}


def test_it_prints_on_a4_with_its_heads_on_every_page() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts_of(SHIPPED, 1, UNITS)), OFFICE, NOW)))[SHEET]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.page_setup.fitToWidth in (None, 1)
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$7:$8", "B9")
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None} == {
        "Times New Roman"
    }


def test_columns_are_wide_enough_for_their_largest_figure() -> None:
    facts = facts_of(SHIPPED, 1, UNITS)
    targets = facts.entries["targets"]
    entries = {**facts.entries, "targets": targets.assign(numerator=targets["numerator"] * 1000)}
    content = build(consolidate(replace(facts, entries=entries)), OFFICE, NOW)
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[SHEET]
    for column in sheet.iter_cols(min_row=9, min_col=2):
        forms = {"0.0%": ".1%", "#,##0": ",.0f"}
        shown = [
            format(cell.value, forms[cell.number_format]) for cell in column if isinstance(cell.value, int | float)
        ]
        # A cell's own margins take less than a character.
        width = next(
            each.width for each in sheet.column_dimensions.values() if each.min <= column[0].column <= each.max
        )
        assert width >= max(map(len, shown)) + 1
