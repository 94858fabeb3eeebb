"""`Tổng quan`: every figure against a recount in plain Python, one page whatever the plan, what needs the officer."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import plan as plans
from sync.config import Office
from sync.consolidate import Facts, Outlook, consolidate
from sync.decisions import Decision, Decisions
from sync.decisions.effects import with_returns
from sync.notices.due import Upcoming
from sync.outputs import styles
from sync.outputs.office_workbook import build
from sync.outputs.office_workbook.fitting import listed, shortened
from sync.plan import Plan, Row, Table
from sync.text import collapse, column_letters
from tests.fakes.libreoffice import LibreOffice
from tests.outputs import tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, ZONE, make_facts, without_reports

OTHER_PLAN = Path(__file__).parent.parent / "fakes" / "other-plan.toml"
PLANS: dict[str, Callable[[], Plan]] = {
    "shipped": lambda: plans.load("thu-thua-2020-2025"),
    "other": lambda: plans.load(OTHER_PLAN),
    "tiny": tiny_plan.load,
}
EARLY = datetime(2024, 9, 6, tzinfo=ZONE)
SHEET, HIDDEN = "Tổng quan", "Số liệu biểu đồ"
LABELS = {
    "Đúng hạn": "on_time",
    "Nộp muộn": "late",
    "Phải sửa": "to_mend",
    "Chưa nộp": "missing",
    "Sắp đến hạn": "due_soon",
    "Chưa đến hạn": "not_due",
    "Được miễn": "excused",
}
Rows = list[list[Any]]


def facts_of(name: str, count: int, *, seed: int = 1, now: datetime = NOW, rate: float = 0.85) -> Facts:
    period = "2024-2025/HK1" if name == "shipped" else None
    return make_facts(PLANS[name](), count, seed=seed, period=period, now=now, rate=rate)


def built(facts: Facts, now: datetime = NOW, note: str = "", office: Office = OFFICE) -> Any:
    content = build(consolidate(facts), office, now, note)
    return openpyxl.load_workbook(io.BytesIO(content), data_only=True)


def rows_of(book: Any, sheet: str = SHEET) -> Rows:
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def tiles(rows: Rows) -> dict[str, tuple[Any, Any]]:
    """What stands below each label of the tiles: the figure and its share."""
    at = next(number for number, row in enumerate(rows) if "Phải báo cáo" in row)
    return {label: (rows[at + 1][c], rows[at + 2][c]) for c, label in enumerate(rows[at]) if label}


def table_of(rows: Rows, heading: str) -> list[list[Any]]:
    """The filled cells of each line below the heading row with `heading`, from that table's first column on."""
    at = next(number for number, row in enumerate(rows) if heading in row)
    columns = [c for c, value in enumerate(rows[at]) if value]
    lines = [[row[c] for c in columns] for row in rows[at + 1 :]]
    end = next((n for n, line in enumerate(lines) if line[0] is None or line[1] is None), len(lines))
    return lines[:end]


def attention(rows: Rows) -> list[tuple[Any, str]]:
    """The lines of `Cần chú ý hôm nay`: count or bullet, and text."""
    at = next(number for number, row in enumerate(rows) if row[0] == "Cần chú ý hôm nay")
    end = next(n for n, row in enumerate(rows[at + 1 :], at + 1) if not any(row))
    return [(row[0], row[2]) for row in rows[at + 1 : end]]


# The recount


def applies(facts: Facts, table: Table, rows: Sequence[Row]) -> tuple[int, int]:
    """How often rows are done, and to how many schools they apply; in plain Python."""
    assert table.status_column is not None
    stages = {choice.value: choice.stage for choice in table.status_column.choices}
    levels = {school.code: school.level for school in facts.schools}
    owing = set(facts.standings["code"])
    counted = [code for code in facts.counted["school"] if code in owing]
    entries = facts.entries[table.id].to_dict("records")
    done = total = 0
    for row in rows:
        total += sum(row.is_for(levels[code]) for code in counted)
        chosen = Counter(stages.get(each[table.status_column.id]) for each in entries if each["row"] == row.code)
        done, total = done + chosen["done"], total - chosen["not_applicable"]
    return done, total


def share(part: float, whole: float) -> Any:
    return pytest.approx(part / whole) if whole else "–"


def check_tiles(facts: Facts, rows: Rows, now: datetime) -> None:
    found, standing = tiles(rows), Counter(facts.standings["standing"])
    schools = len(facts.standings)
    sent = int(facts.standings["received_at"].notna().sum())
    assert found["Phải báo cáo"][0] == schools
    expected = {"Đã gửi": sent, **{label: standing[key] for label, key in LABELS.items()}}
    assert {label: found[label] for label in expected if label in found} == {
        label: (count, share(count, schools)) for label, count in expected.items() if label in found
    }
    assert {"Đã gửi", "Đúng hạn", "Nộp muộn", "Phải sửa", "Chưa nộp", "Được miễn"} <= set(found)
    assert facts.period.schools_due is not None
    days = (facts.period.schools_due.date() - now.date()).days
    if days >= 0:
        assert found["Còn lại"][0] == days
    elif standing["missing"] + standing["to_mend"]:
        assert found["Quá hạn"][0] == -days
    else:
        assert found["Hạn nộp"][0] == "đã qua"


def check_sections(facts: Facts, rows: Rows) -> None:
    table = facts.plan.tables["activities"]
    if table.status_column is None:
        return
    lines = table_of(rows, "Áp dụng")
    parts = [list(table.rows_of(section.code)) for section in table.sections] or [[row] for row in table.rows]
    expected = [applies(facts, table, part) for part in [*parts, table.rows]]
    assert [tuple(line[1:]) for line in lines] == [(done, whole, share(done, whole)) for done, whole in expected]
    assert lines[-1][0] == "Tổng cộng"


def check_targets(facts: Facts, rows: Rows) -> None:
    table = facts.plan.tables.get("targets")
    if table is None:
        return
    lines = table_of(rows, "So với 100%")
    assert len(lines) == len(table.rows) == 5
    for line, row in zip(lines, table.rows, strict=True):
        entries = facts.entries["targets"]
        mine = entries[entries["row"] == row.code]
        above, below = float(mine["numerator"].sum()), float(mine["denominator"].sum())
        assert line[0].startswith(f"{row.number}. ")
        assert line[1:4] == [above, below, share(above, below)]
        assert line[4] == (pytest.approx(above / below - 1) if below else "–")


def check_charts(facts: Facts, book: Any, now: datetime) -> None:
    rows = rows_of(book, HIDDEN)
    at = rows.index(next(row for row in rows if row[0] == "Tình trạng nộp"))
    standing = {row[0]: row[1] for row in rows[at + 1 :] if row[0] in LABELS}
    assert (
        standing.items()
        >= {
            label: count for label, key in LABELS.items() if (count := Counter(facts.standings["standing"])[key])
        }.items()
    )
    check_days(facts, rows, now)
    table = facts.plan.tables["activities"]
    if table.status_column is not None and len(facts.counted):
        check_lagging(facts, table, rows)


def check_days(facts: Facts, rows: Rows, now: datetime) -> None:
    assert facts.period.schools_due is not None
    due = facts.period.schools_due.date()
    received = [moment.date() for moment in facts.standings["received_at"].dropna()]
    at = next(number for number, row in enumerate(rows) if row[0] == "Ngày")
    assert rows[at][1] == f"Đến hạn {due:%d/%m}: {sum(day <= due for day in received)}"
    assert rows[at][2] == f"Sau hạn: {sum(day > due for day in received)}"
    assert rows[at][3] == f"Phải nộp: {len(facts.standings)}"
    known = 0
    for day, by_due, after, schools in (row[:4] for row in rows[at + 1 :] if isinstance(row[0], datetime)):
        total = sum(each <= day.date() for each in received)
        assert schools == len(facts.standings)
        assert (by_due, after) in (((total, None) if day.date() <= due else (None, total)), (None, None))
        known = max(known, by_due or 0, after or 0)
    assert known == len(received)
    assert due in [row[0].date() for row in rows[at + 1 :] if isinstance(row[0], datetime)]


def check_lagging(facts: Facts, table: Table, rows: Rows) -> None:
    at = next(number for number, row in enumerate(rows) if row[0] == table.row_name)
    end = next((n for n, row in enumerate(rows[at:], at) if row[0] is None), len(rows))
    shown = {row[0].split(" ")[0].rstrip("…"): row[1] for row in rows[at + 1 : end]}
    counts = {row.code: applies(facts, table, [row]) for row in table.rows}
    shares = {code: done / whole for code, (done, whole) in counts.items() if whole}
    assert shown == {code: pytest.approx(shares[code]) for code in shown}
    assert list(shown.values()) == sorted(shown.values())
    left = [value for code, value in shares.items() if code not in shown]
    assert max(shown.values(), default=0) <= min(left, default=1) + 1e-9


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("count", [0, 1, 42])
def test_every_figure_equals_a_recount(name: str, count: int) -> None:
    facts = facts_of(name, count)
    book = built(facts)
    rows = rows_of(book)
    check_tiles(facts, rows, NOW)
    check_sections(facts, rows)
    check_targets(facts, rows)
    check_charts(facts, book, NOW)


@pytest.mark.parametrize("name", PLANS)
def test_before_anything_came_in_every_figure_is_there(name: str) -> None:
    facts = facts_of(name, 9)
    early = facts.period.schools_due
    assert early is not None
    now = (early - timedelta(days=5)).astimezone(ZONE)
    facts = without_reports(facts, now)
    book = built(facts, now)
    check_tiles(facts, rows_of(book), now)
    check_sections(facts, rows_of(book))
    check_days(facts, rows_of(book, HIDDEN), now)
    assert attention(rows_of(book))[-1][1] != ""


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(list(PLANS)),
    count=st.integers(1, 30),
    seed=st.integers(0, 10_000),
    days=st.integers(-12, 40),
    rate=st.floats(0, 1),
)
@pytest.mark.slow
def test_a_recalculation_gives_the_stored_figures_and_the_recount(
    libreoffice: LibreOffice, tmp_path: Path, name: str, count: int, seed: int, days: int, rate: float
) -> None:
    due = facts_of(name, 1).period.schools_due
    assert due is not None
    now = (due + timedelta(days=days)).astimezone(ZONE).replace(hour=9)
    facts = facts_of(name, count, seed=seed, now=now, rate=rate)
    path = tmp_path / "tong-hop.xlsx"
    path.write_bytes(build(consolidate(facts), OFFICE, now))
    book, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    check_tiles(facts, rows_of(book), now)
    check_sections(facts, rows_of(book))
    check_targets(facts, rows_of(book))
    check_charts(facts, book, now)
    with libreoffice.open(path) as opened:
        opened.recalculate()
        for sheet in (SHEET, HIDDEN):
            values = opened.read(sheet)
            found = [cell for row in formulas[sheet].iter_rows() for cell in row if cell.data_type == "f"]
            assert len(found) > 10
            for cell in found:
                stored = book[sheet][cell.coordinate].value
                assert values[cell.row - 1][cell.column - 1] == pytest.approx(stored), (cell.coordinate, cell.value)


@pytest.mark.parametrize("name", PLANS)
def test_every_figure_is_a_formula(name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts_of(name, 42)), OFFICE, NOW)))
    rows = [list(row) for row in book[SHEET].iter_rows()]
    numbers = [cell for row in rows for cell in row if isinstance(cell.value, int | float)]
    # Only files that cannot be used are counted nowhere else.
    assert [cell.value for cell in numbers] == [1] * (name != "other")
    days = [cell for row in book[HIDDEN].iter_rows() for cell in row if isinstance(cell.value, int | float)]
    assert days == []


# One page


def measured(book: Any) -> tuple[float, float]:
    """The share to which the printed page is shrunk, and the smallest letters on paper, in points."""
    sheet = book[SHEET]
    _first, last = re.findall(r"\$([A-Z]+)\$(\d+)", sheet.print_area)
    height = sum(sheet.row_dimensions[row].height or 15.0 for row in range(1, int(last[1]) + 1))
    # The widths of column groups; a character is 7 pixels of 0.75 points.
    width = sum(
        round(each.width * 7) * 0.75 * (each.max - each.min + 1)
        for each in sheet.column_dimensions.values()
        if each.width
    )
    assert column_letters(31) == last[0]
    margins = sheet.page_margins
    room = (595.3 - 72 * (margins.left + margins.right), 841.9 - 72 * (margins.top + margins.bottom))
    shrunk = min(1.0, room[0] / width, room[1] / height)
    sizes = [
        cell.font.sz for row in sheet.iter_rows(max_row=int(last[1])) for cell in row if cell.value not in (None, "")
    ]
    return shrunk, shrunk * min(sizes)


def crowded(facts: Facts, notes: int) -> Facts:
    doubles = {code: f"Trường {code} gửi 2 tệp; tệp được tính: {code}.xlsx." for code in facts.standings["code"]}
    return dataclasses.replace(
        facts, notes=[f"Điều {n} " + "cần nói thật dài " * 30 for n in range(notes)], doubles=doubles
    )


@pytest.mark.parametrize(
    ("name", "count", "notes"),
    [
        ("shipped", 1, 0),
        ("shipped", 3, 0),
        ("shipped", 42, 40),
        ("shipped", 400, 40),
        ("other", 42, 40),
        ("tiny", 3, 9),
    ],
)
def test_the_sheet_is_one_page_that_can_be_read(name: str, count: int, notes: int) -> None:
    facts = crowded(facts_of(name, count), notes)
    book = built(facts, note="Ghi chú của lượt này." * 20)
    setup = book[SHEET].page_setup
    assert (int(setup.paperSize), setup.orientation) == (9, "portrait")
    assert book[SHEET].sheet_properties.pageSetUpPr.fitToPage
    shrunk, smallest = measured(book)
    assert shrunk >= 0.85
    assert smallest >= 8


def test_a_plan_with_many_long_sections_and_targets_is_still_one_page() -> None:
    plan = plans.load("thu-thua-2020-2025")
    facts = facts_of("shipped", 42)
    long = Office(name="Phòng " + "rất dài tên " * 12, parent="Uỷ ban " + "nhân dân " * 15, place="X", email="a@b.vn")
    targets = plan.tables["targets"]
    more = [row.model_copy(update={"number": f"{n}", "code": f"CT.{n}"}) for n, row in enumerate(targets.rows * 4, 1)]
    many = targets.model_copy(update={"rows": tuple(more)})
    wide = plan.model_copy(update={"tables": {**plan.tables, "targets": many}})
    period = dataclasses.replace(facts.period, title="Kỳ " + "báo cáo đột xuất " * 9, dispatch="Công văn số 1 " * 20)
    book = built(crowded(dataclasses.replace(facts, plan=wide, period=period), 40), office=long)
    shrunk, smallest = measured(book)
    assert shrunk >= 0.85
    assert smallest >= 8
    assert len(table_of(rows_of(book), "So với 100%")) == 6


# What needs the officer


def test_what_needs_attention_is_said_with_names_the_most_pressing_first() -> None:
    facts = facts_of("shipped", 42)
    lines = attention(rows_of(built(facts)))
    missing = facts.standings.loc[facts.standings["standing"] == "missing", "name"]
    mending = facts.standings.loc[facts.standings["standing"] == "to_mend", "name"]
    assert [count for count, _text in lines] == [len(missing), len(mending), 1, "•", "•"]
    assert lines[0][1] == f"trường quá hạn chưa nộp: {'; '.join(missing)} (sheet Quá hạn)"
    assert lines[1][1].startswith(f"trường phải sửa báo cáo: {mending.iloc[0]}")
    assert lines[2][1].startswith("tệp không dùng được: Bao cao (ban cuoi)")
    assert lines[3][1] == "Hạn đơn vị báo cáo cấp trên 31/01/2025, còn 4 ngày."
    assert lines[4][1] == facts.notes[0]


def test_the_note_of_the_pass_stands_first() -> None:
    assert attention(rows_of(built(facts_of("shipped", 5), note="Có bản sửa khác.")))[0] == ("•", "Có bản sửa khác.")


def test_where_nothing_needs_attention_it_says_so() -> None:
    facts = dataclasses.replace(without_reports(facts_of("tiny", 0), NOW), notes=[])
    assert attention(rows_of(built(facts)))[0][0] == "Không có việc gì cần chú ý."


def test_what_does_not_fit_stands_below_the_printed_page() -> None:
    facts = crowded(facts_of("shipped", 42), 12)
    book = built(facts, note="Ghi chú " * 60)
    rows = rows_of(book)
    lines = attention(rows)
    assert len(lines) == 8
    assert lines[-1] == (12 + 6 - 7, "việc nữa: xem phía dưới trang này (phần không in)")
    last = int(book[SHEET].print_area.rsplit("$", 1)[1])
    below = [str(row[0]) for row in rows[last:] if row[0]]
    assert below[1:] == [f"• {each}" for each in ["Ghi chú " * 60, *facts.doubles.values(), *facts.notes]]
    assert not any("tệp được tính" in str(value) for row in rows[:last] for value in row)


def test_what_fits_is_not_said_twice() -> None:
    book = built(facts_of("shipped", 42))
    assert book[SHEET].max_row == int(book[SHEET].print_area.rsplit("$", 1)[1])


def test_schools_with_several_files_are_one_line() -> None:
    facts = facts_of("shipped", 42)
    doubles = {"T0001": "T0001 gửi 2 tệp.", "T0005": "T0005 gửi 3 tệp."}
    lines = attention(rows_of(built(dataclasses.replace(facts, doubles=doubles, notes=[]))))
    count, text = next(line for line in lines if "nhiều tệp" in line[1])
    assert count == 2
    name = facts.schools.by_code["T0001"].name
    assert text.startswith(f"trường gửi nhiều tệp, tính bản đạt nhận sau cùng: {name}")
    assert text.endswith("(xem phía dưới trang này)")


def test_a_returned_report_is_told_until_another_one_comes() -> None:
    facts = facts_of("shipped", 42)
    standing = facts.standings.set_index("standing")["code"]
    mending, done = standing.loc["to_mend"].iloc[0], standing.loc["on_time"].iloc[0]
    typed = (
        Decision(facts.period.key, mending, "returned", "Thiếu số liệu", NOW, NOW, ""),
        Decision(facts.period.key, done, "returned", "Thiếu số liệu", EARLY, EARLY, ""),
    )
    decisions = Decisions(typed)
    receipts = with_returns(facts.receipts.assign(run_id=1), decisions)
    lines = attention(rows_of(built(dataclasses.replace(facts, receipts=receipts, decisions=decisions))))
    name = facts.schools.by_code[mending].name
    assert (1, f"trường bị trả lại báo cáo, chưa gửi bản mới: {name} (sheet Tiến độ nộp)") in lines


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2025, 1, 10), None),
        (date(2025, 1, 20), "Hạn đơn vị báo cáo cấp trên 31/01/2025, còn 11 ngày"),
        (date(2025, 1, 31), "Hạn đơn vị báo cáo cấp trên 31/01/2025, là hôm nay."),
        (date(2025, 2, 1), "Đơn vị đã quá hạn báo cáo cấp trên (31/01/2025)"),
    ],
)
def test_the_offices_own_due_date_is_told_in_good_time(day: date, said: str | None) -> None:
    now = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
    facts = facts_of("shipped", 42, now=now)
    lines = [str(text) for _count, text in attention(rows_of(built(facts, now)))]
    assert [line for line in lines if "cấp trên" in line and line.startswith(str(said))] == [
        line for line in lines if "cấp trên" in line
    ]
    assert any("cấp trên" in line for line in lines) is (said is not None)
    reported = dataclasses.replace(facts, period=dataclasses.replace(facts.period, office_reported_on=day))
    assert not any("cấp trên" in str(text) for _count, text in attention(rows_of(built(reported, now))))


# The last pass and the next notices


def test_the_pass_and_the_next_notices_are_named() -> None:
    facts = facts_of("shipped", 8)
    at = datetime(2025, 2, 3, 7, 30, tzinfo=ZONE)
    coming = (Upcoming(at, "overdue", facts.period.key, 12), Upcoming(at, "office_due_soon", "2025/NAM", 1))
    rows = rows_of(built(dataclasses.replace(facts, outlook=Outlook(7, coming))))
    news = [row[7] for row in rows[-3:]]
    assert news == [
        "số 7, lúc 08:30 ngày 27/01/2025",
        "07:30 ngày 03/02/2025: nhắc quá hạn 12 trường",
        "07:30 ngày 03/02/2025: nhắc hạn của đơn vị (kỳ 2025/NAM)",
    ]
    assert [row[7] for row in rows_of(built(facts))[-2:]] == ["lúc 08:30 ngày 27/01/2025", "không có"]


def test_each_chart_has_a_question_as_its_title_and_keeps_to_the_hidden_sheet() -> None:
    book = built(facts_of("shipped", 42))
    assert book[HIDDEN].sheet_state == "hidden"
    texts = build(consolidate(facts_of("shipped", 42)), OFFICE, NOW)
    charts = charts_in(texts)
    for question in ("Các trường đang ở đâu?", "Hoạt động nào chậm?", "Báo cáo về khi nào so với hạn?"):
        assert sum(question in chart for chart in charts) == 1
    assert all('plotVisOnly val="0"' in chart or "plotVisOnly" not in chart for chart in charts)


def charts_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]


# Texts that fit


@given(st.text(max_size=300), st.floats(4, 90), st.integers(1, 4))
def test_a_shortened_text_fits_and_says_that_it_is_cut(text: str, width: float, lines: int) -> None:
    cut = shortened(text, width, 10, lines)
    whole = collapse(text)
    assert cut == whole or cut.endswith("…")
    assert styles.lines(cut, width, 10) <= lines or cut in ("…", whole)


def test_a_list_names_as_many_as_fit_and_counts_the_others() -> None:
    names = [f"Trường Tiểu học số {number}" for number in range(1, 5001)]
    text = listed("trường chưa nộp", names, " (sheet Quá hạn)", 100, 10, 2)
    shown = re.findall(r"số \d+", text)
    assert text.startswith("trường chưa nộp: Trường Tiểu học số 1; ")
    assert text.endswith(f"; và {5000 - len(shown)} nữa (sheet Quá hạn)")
    assert styles.lines(text, 100, 10) == 2
    assert styles.lines(listed("trường chưa nộp", names, " (sheet Quá hạn)", 110, 10, 3), 100, 10) > 2
