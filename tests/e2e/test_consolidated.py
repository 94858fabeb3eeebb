"""The consolidated workbook of the demo against an independent recount of the schools' own files, and LibreOffice.

The recount opens the accepted files with openpyxl, finds each cell by the code of its row and the heading above it,
and adds up in plain Python; it shares no code with the program.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import demo, office, passes, plan
from sync.demo import Planted
from tests.fakes.libreoffice import CellError, LibreOffice

PLAN = plan.load("thu-thua-2020-2025")
CODE = re.compile(r"([IVX]+|CT|[A-E])\.\d+")
TARGET_HEADINGS = ("Số đã thực hiện", "Tổng số phải thực hiện")
STATUSES = ("Chưa thực hiện", "Đang thực hiện", "Hoàn thành", "Không áp dụng")


class Made:
    def __init__(self, folder: Path) -> None:
        self.planted: Planted = demo.make(folder, PLAN, schools=60, seed=11)
        self.inbox = folder / "nhan"
        self.workbook = folder / str(passes.run(office.open_office(folder)).workbook)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("recount") / "office")


def counted_files(planted: Planted, inbox: Path) -> list[Path]:
    """Each school's newest accepted file that openpyxl can read; the schools of other files are left to other tests."""
    newest: dict[str, Any] = {}
    for file in sorted(planted.files, key=lambda file: file.mtime):
        if file.status == "accepted" and file.school:
            newest[file.school] = file
    return [inbox / file.path for file in newest.values()]


def rows_of(sheet: Any) -> dict[str, dict[str, Any]]:
    """Cells by plain heading, by the code in the column `Mã`; the heading row is the one with that word."""
    rows = list(sheet.iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if "mã" in [plain(str(cell)) for cell in row])
    headings = [plain(str(cell or "")) for cell in rows[at]]
    code = headings.index("mã")
    found = {}
    for row in rows[at + 1 :]:
        key = plain(str(row[code] or "")).upper()
        if CODE.fullmatch(key):
            found[key] = dict(zip(headings, row, strict=True))
    return found


def level_in(sheet: Any) -> str:
    """The code of the level that stands beside the label `Cấp học`, as a code or as a name."""
    codes = {plain(text): level.code for level in PLAN.levels for text in (level.code, level.name)}
    for row in sheet.iter_rows(values_only=True):
        filled = [str(value) for value in row if value is not None]
        if filled and plain(filled[0]) == "cấp học":
            return codes[plain(filled[1])]
    raise AssertionError("no level")


def plain(text: str) -> str:
    """Without case, stray spaces and the two ways of composing Vietnamese letters."""
    return unicodedata.normalize("NFC", " ".join(text.split())).lower()


def whole(value: Any) -> int:
    return int(str(value).replace(".", "")) if value not in (None, "") else 0


def converted(path: Path, libreoffice: LibreOffice, folder: Path) -> Path:
    if path.suffix == ".xlsx":
        return path
    return libreoffice.convert(path, folder / f"{path.stem}.xlsx")


@pytest.fixture(scope="module")
def recount(
    made: Made, libreoffice: LibreOffice, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Counter[tuple[str, str]]]:
    """How often each status was chosen and what the numbers add up to, by (row code, value or heading)."""
    folder = tmp_path_factory.mktemp("converted")
    statuses: Counter[tuple[str, str]] = Counter()
    levels: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for number, path in enumerate(counted_files(made.planted, made.inbox)):
        target = folder / str(number)
        target.mkdir()
        workbook = openpyxl.load_workbook(converted(path, libreoffice, target), data_only=True)
        sheets = {plain(name): workbook[name] for name in workbook.sheetnames}
        for code, row in rows_of(sheets[plain("Phụ lục")]).items():
            if row.get("tình trạng"):
                chosen = plain(str(row["tình trạng"]))
                statuses[code, next(status for status in STATUSES if plain(status) == chosen)] += 1
            for heading in ("Số buổi", "Số trẻ em, học sinh", "Số CBQL, GV, NV", "Số cha mẹ"):
                sums[code, heading] += whole(row.get(plain(heading)))
        for code, row in rows_of(sheets[plain("Số liệu")]).items():
            sums[code, "Tổng số"] += whole(row.get("tổng số"))
        for code, row in rows_of(sheets[plain("Chỉ tiêu")]).items():
            for heading in TARGET_HEADINGS:
                sums[code, heading] += whole(row.get(plain(heading)))
        levels["level", level_in(sheets[plain("Thông tin")])] += 1
        workbook.close()
    return {"statuses": statuses, "sums": sums, "levels": levels}


def consolidated_rows(workbook: Path, sheet: str) -> list[tuple[Any, ...]]:
    opened = openpyxl.load_workbook(workbook, data_only=True)
    rows = [tuple(row) for row in opened[sheet].iter_rows(values_only=True)]
    opened.close()
    return rows


def column_of(rows: list[tuple[Any, ...]], heading: str) -> int:
    wanted = " ".join(heading.split())
    found = [at for row in rows[:14] for at, value in enumerate(row) if " ".join(str(value).split()) == wanted]
    assert found, heading
    return found[0]


def activity_rows(rows: list[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """The rows of `Phụ lục tổng hợp` by activity code: section rows have a numeral, activities their printed number."""
    numerals = {section.code for section in PLAN.tables["activities"].sections}
    at = column_of(rows, "Stt")
    result, section = {}, ""
    for row in rows:
        value = str(row[at]).strip(". ") if row[at] is not None else ""
        if value in numerals:
            section = value
        elif section and value.removesuffix(".0").isdigit():
            result[f"{section}.{value.removesuffix('.0')}"] = row
    return result


def test_the_appendix_counts_what_the_schools_wrote(made: Made, recount: dict[str, Counter[tuple[str, str]]]) -> None:
    rows = consolidated_rows(made.workbook, "Phụ lục tổng hợp")
    activities = activity_rows(rows)
    assert set(activities) == set(PLAN.tables["activities"].rows_by_code)
    for code, row in activities.items():
        for status in STATUSES:
            assert row[column_of(rows, status)] == recount["statuses"][code, status], (code, status)
        for heading in ("Số buổi", "Số trẻ em, học sinh", "Số CBQL, GV, NV", "Số cha mẹ"):
            assert (row[column_of(rows, heading)] or 0) == recount["sums"][code, heading], (code, heading)


def test_the_statistics_add_up_to_what_the_schools_wrote(
    made: Made, recount: dict[str, Counter[tuple[str, str]]]
) -> None:
    texts = {row.text("content"): row.code for row in PLAN.tables["statistics"].rows}
    rows = consolidated_rows(made.workbook, "Số liệu")
    content, total = column_of(rows, "Nội dung"), column_of(rows, "Tổng số")
    found = {texts[str(row[content])]: row[total] for row in rows if str(row[content]) in texts}
    assert found == {code: recount["sums"][code, "Tổng số"] for code in texts.values()}


def test_every_standing_is_the_planted_one(made: Made) -> None:
    words = {"on_time": "Đúng hạn", "late": "Nộp muộn", "to_mend": "Phải sửa", "missing": "Chưa nộp"}
    rows = consolidated_rows(made.workbook, "Tiến độ nộp")
    code, standing = column_of(rows, "Mã trường"), column_of(rows, "Tình trạng")
    found = {row[code]: row[standing] for row in rows if row[code] in made.planted.standings}
    assert found == {school: words[value] for school, value in made.planted.standings.items()}


def overview_lines(made: Made, heading: str) -> list[list[Any]]:
    """The lines below `heading` on `Tổng quan` until the table ends, from its first column on."""
    rows = consolidated_rows(made.workbook, "Tổng quan")
    at = next(number for number, row in enumerate(rows) if heading in row)
    columns = [number for number, value in enumerate(rows[at]) if value]
    lines = [[row[number] for number in columns] for row in rows[at + 1 :]]
    return lines[: next(number for number, line in enumerate(lines) if line[0] is None)]


def test_the_overview_counts_the_planted_schools(made: Made) -> None:
    counts = Counter(made.planted.standings.values())
    sent = {file.school for file in made.planted.files if file.school and file.status != "refused"}
    rows = consolidated_rows(made.workbook, "Tổng quan")
    at = next(number for number, row in enumerate(rows) if "Phải báo cáo" in row)
    found = {label: rows[at + 1][number] for number, label in enumerate(rows[at]) if label}
    shares = {label: rows[at + 2][number] for number, label in enumerate(rows[at]) if label}
    expected = {"Đã gửi": len(sent), "Đúng hạn": counts["on_time"], "Nộp muộn": counts["late"]}
    expected |= {"Phải sửa": counts["to_mend"], "Chưa nộp": counts["missing"], "Được miễn": 0}
    assert found == {"Quá hạn": 2, "Phải báo cáo": 60, **expected}
    assert all(same(shares[label], count / 60) for label, count in expected.items())


def test_the_overview_says_how_much_is_done(made: Made, recount: dict[str, Counter[tuple[str, str]]]) -> None:
    table, statuses, levels = PLAN.tables["activities"], recount["statuses"], recount["levels"]

    def figures(codes: list[str]) -> list[float]:
        done = sum(statuses[code, "Hoàn thành"] for code in codes)
        applies = sum(
            count for code in codes for (_, level), count in levels.items() if table.rows_by_code[code].is_for(level)
        ) - sum(statuses[code, "Không áp dụng"] for code in codes)
        return [done, applies, done / applies]

    sections = [[row.code for row in table.rows_of(section.code)] for section in table.sections]
    expected = [figures(codes) for codes in [*sections, [row.code for row in table.rows]]]
    lines = overview_lines(made, "Áp dụng")
    assert len(lines) == len(expected) == 5
    for line, wanted in zip(lines, expected, strict=True):
        assert all(same(one, other) for one, other in zip(line[1:], wanted, strict=True)), (line, wanted)


def test_the_overview_has_the_five_targets(made: Made, recount: dict[str, Counter[tuple[str, str]]]) -> None:
    lines = overview_lines(made, "So với 100%")
    codes = [row.code for row in PLAN.tables["targets"].rows]
    assert len(lines) == len(codes) == 5
    for code, line in zip(codes, lines, strict=True):
        above, below = (recount["sums"][code, heading] for heading in TARGET_HEADINGS)
        wanted = [above, below, above / below, above / below - 1]
        assert all(same(one, other) for one, other in zip(line[1:], wanted, strict=True)), (code, line, wanted)


def test_every_finding_names_the_file_the_sheet_and_the_cell(made: Made) -> None:
    rows = consolidated_rows(made.workbook, "Lỗi cần sửa")
    told = {tuple(str(value) for value in row if value is not None) for row in rows}
    newest = {file.school: file for file in sorted(made.planted.files, key=lambda file: file.mtime) if file.school}
    for file in made.planted.files:
        if file.school is None or newest[file.school] is not file:
            continue
        for spot in file.findings:
            if spot.cell:
                assert any(file.path in row and spot.cell in row for row in told), (file.path, spot)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-9
    return (one or "") == (other or "")


def test_libreoffice_recalculates_every_formula_to_its_cached_value(made: Made, libreoffice: LibreOffice) -> None:
    formulas = openpyxl.load_workbook(made.workbook)
    cached = openpyxl.load_workbook(made.workbook, data_only=True)
    compared = 0
    with libreoffice.open(made.workbook) as workbook:
        workbook.recalculate()
        for sheet in formulas.worksheets:
            values = workbook.read(sheet.title)
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        expected = cached[sheet.title][cell.coordinate].value
                        now = values[cell.row - 1][cell.column - 1]
                        assert not isinstance(now, CellError), (sheet.title, cell.coordinate, now)
                        if not isinstance(expected, datetime):
                            assert same(expected, now), (sheet.title, cell.coordinate, cell.value, expected, now)
                            compared += 1
    assert compared > 300
