from __future__ import annotations

import io
import re
import string
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import control, plan
from sync.control import Control, ControlError, Problem
from sync.control.writing import to_bytes
from sync.periods import Period, Periods, due_moment
from sync.schools import Earlier, School, Schools
from tests.fakes.libreoffice import LibreOffice

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PLAN = plan.load("thu-thua-2020-2025")

Table = list[list[Any]]
SCHOOLS: Table = [
    ["Mã", "Tên trường", "Cấp học", "Xã/phường", "Email", "Email hiệu trưởng", "Điện thoại", "Ngày mở", "Ngày đóng"],
    ["TH01", "Tiểu học 1", "TH", "Mỹ An", "a@x.vn; b@x.vn", "c@x.vn", "0272 1", date(1978, 9, 5), date(2030, 1, 1)],
]
PERIODS: Table = [
    ["Mã kỳ", "Tên kỳ", "Từ ngày", "Đến ngày", "Hạn nộp của trường", "Hạn của đơn vị", "Công văn"],
    ["2024-2025/HK1", "Học kỳ I", date(2024, 9, 5), date(2025, 1, 17), date(2025, 1, 22), date(2025, 1, 31), "CV 1"],
]
DAYS_OFF: Table = [["Ngày", "Tên"], [date(2025, 1, 24), "Nghỉ bù"]]
# The calendar as it is now; offices go on with the shorter one.
PLANNED_HEADS = ["Ngày nhắc trường", "Ngày chốt số liệu", "Ngày ký", "Đơn vị đã báo cáo", "Riêng trường"]
PLANNED: Table = [
    [*PERIODS[0][:6], *PLANNED_HEADS, "Công văn"],
    [
        *PERIODS[1][:6],
        "15/01/2025; 8/1/2025",
        date(2025, 1, 23),
        date(2025, 1, 24),
        date(2025, 1, 27),
        None,
        "CV 1",
    ],
]
TH01 = School(
    "TH01", "Tiểu học 1", "TH", "Mỹ An", ("a@x.vn", "b@x.vn"), ("c@x.vn",), "0272 1", date(1978, 9, 5), date(2030, 1, 1)
)
HK1 = Period(
    "2024-2025/HK1",
    "Học kỳ I",
    date(2024, 9, 5),
    date(2025, 1, 17),
    datetime(2025, 1, 22, 23, 59, 59, tzinfo=ZONE),
    datetime(2025, 1, 31, 23, 59, 59, tzinfo=ZONE),
    "CV 1",
)
WHOLE = Control(Schools((TH01,)), Periods((HK1,)), {date(2025, 1, 24): "Nghỉ bù"})


pytestmark = pytest.mark.usefixtures("english")


def workbook(tables: Mapping[str, Table], at: tuple[int, int] = (0, 0)) -> bytes:
    """A workbook of these sheets, each table beginning at the zero-based cell `at`."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(table, at[0]):
                sheet.write_row(number, at[1], row)
    return stream.getvalue()


def book(schools: Table = SCHOOLS, periods: Table = PERIODS, days_off: Table = DAYS_OFF) -> bytes:
    return workbook({"Trường": schools, "Lịch báo cáo": periods, "Ngày nghỉ": days_off})


def with_cell(table: Table, heading: str, value: object) -> Table:
    """`table` with `value` in its first row, under `heading`."""
    index = table[0].index(heading)
    return [table[0], [*table[1][:index], value, *table[1][index + 1 :]], *table[2:]]


def read(content: bytes) -> Control:
    return control.read(content, PLAN, ZONE)


def problems(content: bytes) -> list[Problem]:
    with pytest.raises(ControlError) as caught:
        read(content)
    return caught.value.problems


def places(content: bytes) -> list[tuple[str | None, str | None]]:
    return [(problem.sheet, problem.cell) for problem in problems(content)]


def more_time(key: object, due: object, codes: object) -> list[Any]:
    """A row that gives some schools more time."""
    return [key, None, None, None, due, None, None, None, None, None, codes, None]


def due(value: object) -> datetime | None:
    (period,) = read(book(periods=with_cell(PERIODS, "Hạn nộp của trường", value))).periods
    return period.schools_due


class TestReading:
    def test_the_three_sheets_are_read(self) -> None:
        assert read(book()) == WHOLE

    def test_inserted_rows_and_columns_move_nothing_out_of_sight(self) -> None:
        tables = {"Trường": SCHOOLS, "Lịch báo cáo": PERIODS, "Ngày nghỉ": DAYS_OFF}
        assert read(workbook(tables, at=(5, 3))) == WHOLE

    def test_columns_may_stand_in_any_order_among_others(self) -> None:
        table = [["Hiệu trưởng", *reversed(head)] for head in SCHOOLS]
        assert read(book(table)) == WHOLE

    def test_blank_rows_and_rows_with_nothing_but_a_note_are_no_schools(self) -> None:
        head = [*SCHOOLS[0], "Ghi chú"]
        assert read(book([head, [], SCHOOLS[1], [None] * 9 + ["xem lại"], ["  "]])) == WHOLE

    def test_stray_spaces_case_and_decomposed_letters_do_not_matter(self) -> None:
        loose = [[f" {unicodedata.normalize('NFD', heading).upper()}  * " for heading in SCHOOLS[0]], *SCHOOLS[1:]]
        loose = with_cell(loose, loose[0][1], "  Tiểu   học 1 ")
        sheets = {" trường ": loose, unicodedata.normalize("NFD", "Lịch  báo cáo"): PERIODS, "NGÀY NGHỈ": DAYS_OFF}
        assert read(workbook(sheets)) == WHOLE

    def test_codes_that_excel_took_for_numbers_are_text(self) -> None:
        (school,) = read(book(with_cell(SCHOOLS, "Mã", 80794301.0))).schools
        assert school.code == "80794301"

    @pytest.mark.parametrize("level", ["TH&THCS", "th&thcs", "Tiểu học và trung học cơ sở"])
    def test_a_level_is_known_by_its_code_or_its_name(self, level: str) -> None:
        (school,) = read(book(with_cell(SCHOOLS, "Cấp học", level))).schools
        assert school.level == "TH&THCS"

    @pytest.mark.parametrize("text", ["a@x.vn, b@x.vn", "a@x.vn;\nb@x.vn;", " a@x.vn ;b@x.vn; a@x.vn"])
    def test_several_addresses_stand_in_one_cell(self, text: str) -> None:
        (school,) = read(book(with_cell(SCHOOLS, "Email", text))).schools
        assert school.emails == ("a@x.vn", "b@x.vn")

    @pytest.mark.parametrize("value", ["10/11/2025", "10-11-2025", "10.11.2025", " 2025-11-10 ", date(2025, 11, 10)])
    def test_a_date_typed_as_text_is_read_day_first(self, value: object) -> None:
        assert due(value) == datetime(2025, 11, 10, 23, 59, 59, tzinfo=ZONE)

    @pytest.mark.parametrize(
        "value", ["10/11/2025 17:00", "17h00 ngày 10/11/2025", "10/11/2025, 17h", "2025-11-10T17:00:00"]
    )
    def test_a_due_date_may_have_an_hour(self, value: object) -> None:
        assert due(value) == datetime(2025, 11, 10, 17, tzinfo=ZONE)

    @pytest.mark.parametrize("number_format", ["dd/mm/yyyy", "General"])
    def test_an_hour_that_was_stored_with_few_digits_is_a_whole_one(self, number_format: str) -> None:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"default_date_format": "dd/mm/yyyy"}) as opened:
            opened.add_worksheet("Trường").write_row(0, 0, SCHOOLS[0])
            sheet = opened.add_worksheet("Lịch báo cáo")
            for number, row in enumerate(PERIODS):
                sheet.write_row(number, 0, row)
            sheet.write_number("E2", 45679.708333, opened.add_format({"num_format": number_format}))
        (period,) = read(stream.getvalue()).periods
        assert period.schools_due == datetime(2025, 1, 22, 17, tzinfo=ZONE)

    def test_24_hours_is_the_end_of_the_day(self) -> None:
        assert due("24h00 ngày 10/11/2025") == datetime(2025, 11, 10, 23, 59, 59, tzinfo=ZONE)

    def test_a_period_in_which_schools_do_not_report_has_no_due_date_for_them(self) -> None:
        assert due(None) is None

    @pytest.mark.parametrize("key", ["2024-2025/CN", "2025/NAM", "2025/DX-01", "2025/dx-7b", "SK-2023", "TK-2025"])
    def test_every_form_of_period_key_of_the_plan_is_known(self, key: str) -> None:
        (period,) = read(book(periods=with_cell(PERIODS, "Mã kỳ", key))).periods
        assert period.key == key.upper()

    def test_the_sheet_of_days_off_may_be_missing(self) -> None:
        assert read(workbook({"Trường": SCHOOLS, "Lịch báo cáo": PERIODS})).holidays == {}

    def test_an_office_without_schools_yet_has_none(self) -> None:
        assert read(book(SCHOOLS[:1])).schools == Schools()


class TestPlannedDays:
    def test_the_planned_days_of_a_period_are_read(self) -> None:
        (period,) = read(book(periods=PLANNED)).periods
        assert period == replace(
            HK1,
            reminders=(date(2025, 1, 8), date(2025, 1, 15)),
            frozen_on=date(2025, 1, 23),
            sign_on=date(2025, 1, 24),
            office_reported_on=date(2025, 1, 27),
        )

    @pytest.mark.parametrize(
        ("value", "days"),
        [
            (date(2025, 1, 8), [8]),
            (45665.0, [8]),
            ("8/1/2025", [8]),
            ("15/01/2025;8/1/2025 ; 15.1.2025;", [8, 15]),
            ("15/01/2025\n8/1/2025, 9/1/2025", [8, 9, 15]),
            (" ", []),
        ],
    )
    def test_one_or_several_reminder_dates_stand_in_one_cell(self, value: object, days: list[int]) -> None:
        (period,) = read(book(periods=with_cell(PLANNED, "Ngày nhắc trường", value))).periods
        assert period.reminders == tuple(date(2025, 1, day) for day in days)

    def test_each_date_that_is_none_is_told(self) -> None:
        table = with_cell(PLANNED, "Ngày nhắc trường", "15/01/2025; 31/2/2025; sớm")
        table = with_cell(table, "Ngày ký", "mai")
        assert [(problem.cell, problem.message) for problem in problems(book(periods=table))] == [
            ("G2", "'31/2/2025' is no date."),
            ("G2", "'sớm' is no date."),
            ("I2", "'mai' is no date."),
        ]

    def test_reminder_dates_that_do_not_fit_the_due_date_are_no_problem(self) -> None:
        (period,) = read(book(periods=with_cell(PLANNED, "Ngày nhắc trường", "1/1/2020; 1/3/2025"))).periods
        assert len(period.reminders) == 2


MORE_SCHOOLS: Table = [*SCHOOLS, ["TH02", "Hai", "TH"], ["MN-3", "Ba", "MN-MG"], [4.0, "Bốn", "TH"]]
OFFICE_ONLY = ["2025/NAM", "Năm", date(2025, 1, 1), date(2025, 12, 31), None, date(2025, 11, 9)]


class TestMoreTime:
    def extensions(self, *rows: list[Any]) -> Mapping[str, datetime]:
        (period,) = read(book(MORE_SCHOOLS, [*PLANNED, *rows])).periods
        return period.extensions

    def told(self, *rows: list[Any]) -> list[tuple[str | None, str]]:
        found = problems(book(MORE_SCHOOLS, [*PLANNED, *rows]))
        return [(problem.cell, problem.message) for problem in found]

    def test_a_row_for_some_schools_gives_only_them_another_due_moment(self) -> None:
        content = book(
            MORE_SCHOOLS,
            [
                PLANNED[0],
                more_time(HK1.key, date(2025, 1, 27), "TH01; th02"),
                PLANNED[1],
                more_time(" 2024-2025/hk1 ", "28/1/2025 17:00", "mn-3"),
                more_time(HK1.key, date(2025, 1, 20), 4.0),
            ],
        )
        (period,) = read(content).periods
        assert (period.title, period.schools_due) == (HK1.title, HK1.schools_due)
        assert period.extensions == {
            "TH01": datetime(2025, 1, 27, 23, 59, 59, tzinfo=ZONE),
            "TH02": datetime(2025, 1, 27, 23, 59, 59, tzinfo=ZONE),
            "MN-3": datetime(2025, 1, 28, 17, tzinfo=ZONE),
            "4": datetime(2025, 1, 20, 23, 59, 59, tzinfo=ZONE),
        }

    @pytest.mark.parametrize("codes", ["TH01;TH02", "TH01, TH02", "TH01\nTH02;", "TH01 TH02", "TH02; TH01; TH01"])
    def test_several_codes_stand_in_one_cell(self, codes: str) -> None:
        assert sorted(self.extensions(more_time(HK1.key, date(2025, 1, 27), codes))) == ["TH01", "TH02"]

    def test_all_problems_are_told_at_once_with_their_cells(self) -> None:
        assert self.told(
            OFFICE_ONLY,
            more_time("2023-2024/HK1", date(2025, 1, 27), "TH01"),
            more_time(None, date(2025, 1, 27), "TH01"),
            more_time(HK1.key, None, "TH01; TH09"),
            more_time(HK1.key, date(2024, 9, 4), "XX"),
            more_time(HK1.key, "sớm", "TH02"),
            more_time(HK1.key, date(2025, 1, 27), "TH02; MN-3"),
            more_time(HK1.key, date(2025, 1, 28), "mn-3"),
            more_time("2025/NAM", date(2025, 11, 9), "TH02"),
        ) == [
            ("A4", "There is no period '2023-2024/HK1' in this list."),
            ("A5", "The cell is empty."),
            ("E6", "The due date of these schools is missing."),
            ("K6", "There is no school 'TH09'."),
            ("E7", "The due date lies before the period."),
            ("K7", "There is no school 'XX'."),
            ("E8", "'sớm' is no date."),
            ("K10", "The school MN-3 stands in K9 already, for the same period."),
            ("A11", "Schools do not report in this period."),
        ]

    def test_each_says_what_to_do(self) -> None:
        found = problems(book(MORE_SCHOOLS, [*PLANNED, more_time(HK1.key, date(2025, 1, 27), "TH09")]))
        assert [str(problem) for problem in found] == [
            "Lịch báo cáo!K3: There is no school 'TH09'. Write the codes of the list of schools, with ; between two."
        ]

    def test_a_school_that_is_not_open_on_the_periods_last_day_cannot_be_given_more_time(self) -> None:
        schools = [*SCHOOLS, ["TH02", "Hai", "TH", None, None, None, None, None, date(2024, 12, 31)]]
        found = problems(book(schools, [*PLANNED, more_time(HK1.key, date(2025, 1, 27), "TH02; TH01")]))
        assert [(problem.cell, problem.message) for problem in found] == [
            ("K3", "The school TH02 does not report in this period: it is not open on its last day.")
        ]

    def test_codes_are_not_compared_with_a_list_of_schools_that_cannot_be_read(self) -> None:
        table = [*PLANNED, more_time(HK1.key, date(2025, 1, 27), "TH01")]
        assert places(workbook({"Lịch báo cáo": table})) == [("Trường", None)]


MERGED_HEADS = ["Mã", "Tên trường", "Cấp học", "Xã/phường", "Ngày mở", "Ngày đóng", "Nhập vào"]
FORMER_HEADS = ["Mã", "Đến hết ngày", "Tên trường", "Cấp học", "Xã/phường", "Ghi chú"]
TWO_SCHOOLS: Table = [
    MERGED_HEADS,
    ["TH01", "Tiểu học Hai", "TH&THCS", "Xã Mới"],
    ["MN01", "Mầm non Một", "MN-MG", "Xã Mới"],
]


def with_former(*rows: list[Any], schools: Table = TWO_SCHOOLS) -> bytes:
    former: Table = [FORMER_HEADS, *rows]
    return workbook({"Trường": schools, "Lịch báo cáo": PERIODS, "Trường trước đây": former})


class TestSchoolsOverTime:
    def test_rows_say_how_a_school_was_up_to_a_day(self) -> None:
        content = with_former(
            ["th01", date(2025, 6, 30), "", "", "Xã Cũ", "NQ 202"],
            ["TH01", "31/8/2023", "Tiểu học Một", "Tiểu học"],
        )
        first, second = read(content).schools
        assert first.earlier == (
            Earlier(date(2023, 8, 31), "Tiểu học Một", "TH"),
            Earlier(date(2025, 6, 30), unit="Xã Cũ"),
        )
        assert second.earlier == ()

    def test_a_workbook_from_before_the_sheet_was_there_is_read(self) -> None:
        assert all(school.earlier == () and school.merged_into == "" for school in read(book()).schools)

    def test_a_closed_school_says_which_it_went_into(self) -> None:
        closed = ["TH02", "Tiểu học Ba", "TH", "Xã Mới", "", date(2024, 8, 31), "th01"]
        schools = read(with_former(schools=[*TWO_SCHOOLS, closed])).schools
        assert schools.by_code["TH02"].merged_into == "TH01"

    def test_what_cannot_be_used_is_told_with_its_cell(self) -> None:
        found = problems(
            with_former(
                ["TH09", date(2025, 6, 30), "Cũ"],
                ["", date(2025, 6, 30), "Cũ"],
                ["TH01", "", "Cũ"],
                ["TH01", "hôm qua", "Cũ"],
                ["TH01", date(2025, 6, 30), "", "Cấp Ba"],
                ["MN01", date(2025, 6, 30), "", "", "", "chỉ có ghi chú"],
                ["MN01", date(2025, 5, 31), "Cũ"],
                ["mn01", date(2025, 5, 31), "Cũ nữa"],
            )
        )
        assert {problem.sheet for problem in found} == {"Trường trước đây"}
        assert [(problem.cell, problem.message) for problem in found] == [
            ("A2", "There is no school 'TH09'."),
            ("A3", "The cell is empty."),
            ("B4", "The cell is empty."),
            ("B5", "'hôm qua' is no date."),
            ("D6", "There is no level of school 'Cấp Ba'."),
            ("A7", "The row does not say how the school was."),
            ("B9", "The same school has this day in B8 already."),
        ]

    def test_a_merger_that_cannot_be_is_told_with_its_cell(self) -> None:
        first, later = date(2024, 8, 31), date(2025, 8, 31)
        rows: Table = [
            ["A1", "a", "TH", "", "", first, "B9"],
            ["A2", "a", "TH", "", "", first, "a2"],
            ["A3", "a", "TH", "", "", None, "TH01"],
            ["A4", "a", "TH", "", "", later, "A2"],
            ["A5", "a", "TH", "", "", first, "A2"],
            ["A6", "a", "TH", "", "", first, "A4"],
        ]
        found = problems(with_former(schools=[*TWO_SCHOOLS, *rows]))
        assert [(problem.cell, problem.message) for problem in found] == [
            ("G4", "There is no school 'B9'."),
            ("G5", "A school cannot go into itself."),
            ("G6", "The school went into another and has no closing date."),
            ("G7", "The school A2 is closed by then."),
            ("G8", "The school A2 is closed by then."),
        ]

    def test_codes_are_not_compared_with_a_list_of_schools_that_cannot_be_read(self) -> None:
        former: Table = [FORMER_HEADS, ["TH01", date(2025, 6, 30), "Cũ"]]
        assert places(workbook({"Lịch báo cáo": PERIODS, "Trường trước đây": former})) == [("Trường", None)]


class TestProblems:
    def test_all_are_told_at_once_with_their_cells(self) -> None:
        schools = [
            *SCHOOLS,
            ["th01", "", "Mẫu giáo lớn", "", "a@x; b@x.vn", "x y@z.vn", "", "31/2/2024", ""],
            ["T/02", "Hai", "TH", "", "", "", "", date(2024, 1, 2), date(2024, 1, 1)],
        ]
        periods = [
            *PERIODS,
            ["2024-2025/HK3", "?", date(2024, 9, 5), date(2024, 9, 4), date(2024, 9, 9), "", ""],
            ["2024-2026/HK1", "", "", date(2025, 1, 17), date(2025, 1, 22), "", ""],
            ["2025/NAM", "Năm", date(2025, 1, 1), date(2025, 12, 31), "", "", ""],
            ["2025/NAM", "Năm", date(2025, 1, 1), date(2025, 12, 31), date(2024, 12, 31), "25h 1/1/2025", ""],
        ]
        assert [(problem.sheet, problem.cell, problem.message) for problem in problems(book(schools, periods))] == [
            ("Trường", "A3", "'th01' stands in A2 already."),
            ("Trường", "B3", "The cell is empty."),
            ("Trường", "C3", "There is no level of school 'Mẫu giáo lớn'."),
            ("Trường", "E3", "'a@x' is no e-mail address."),
            ("Trường", "F3", "'x y@z.vn' is no e-mail address."),
            ("Trường", "H3", "'31/2/2024' is no date."),
            ("Trường", "A4", "'T/02' cannot be the code of a school."),
            ("Trường", "I4", "The school closes before it opens."),
            ("Lịch báo cáo", "A3", "'2024-2025/HK3' cannot be the key of a period."),
            ("Lịch báo cáo", "D3", "The period ends before it begins."),
            ("Lịch báo cáo", "A4", "'2024-2026/HK1' cannot be the key of a period."),
            ("Lịch báo cáo", "B4", "The cell is empty."),
            ("Lịch báo cáo", "C4", "The cell is empty."),
            ("Lịch báo cáo", "E5", "The period has no due date."),
            ("Lịch báo cáo", "A6", "'2025/NAM' stands in A5 already."),
            ("Lịch báo cáo", "E6", "The due date lies before the period."),
            ("Lịch báo cáo", "F6", "'25h 1/1/2025' is no date."),
        ]

    def test_each_says_what_to_do(self) -> None:
        (problem,) = problems(book(with_cell(SCHOOLS, "Cấp học", "Đại học")))
        assert str(problem) == (
            "Trường!C2: There is no level of school 'Đại học'. Choose one of: MN-MG, TH, THCS, TH&THCS."
        )

    def test_the_forms_of_period_keys_are_shown(self) -> None:
        (problem,) = problems(book(periods=with_cell(PERIODS, "Mã kỳ", "HK1")))
        assert problem.fix == (
            "Write it like one of: 2024-2025/HK1, 2024-2025/CN, 2025/DX-01, 2025/NAM, SK-2023, TK-2025."
        )

    def test_addresses_are_excels_own_wherever_the_table_stands(self) -> None:
        table = with_cell(SCHOOLS, "Cấp học", "?")
        assert places(workbook({"Trường": table, "Lịch báo cáo": PERIODS}, at=(5, 3))) == [("Trường", "F7")]

    def test_a_missing_column_is_named(self) -> None:
        table = [row[:1] + row[2:] for row in SCHOOLS]
        (problem,) = problems(book(table))
        assert (problem.cell, problem.message) == ("A1", "The column 'Tên trường' is missing.")

    def test_the_columns_of_due_dates_cannot_be_missing_either(self) -> None:
        assert [problem.message for problem in problems(book(periods=[row[:5] for row in PERIODS]))] == [
            "The column 'Hạn của đơn vị' is missing."
        ]

    def test_missing_sheets_are_all_named(self) -> None:
        assert places(workbook({"Sheet1": SCHOOLS})) == [("Trường", None), ("Lịch báo cáo", None)]

    def test_an_empty_sheet_lacks_its_columns(self) -> None:
        assert places(book(schools=[])) == [("Trường", None)] * 3

    def test_a_cell_that_shows_an_error_is_named_once(self) -> None:
        # A formula's #N/A reaches us as a blank cell, so the error stands here as text.
        assert [problem.message for problem in problems(book(with_cell(SCHOOLS, "Mã", "#N/A")))] == [
            "The cell is empty.",
            "The cell shows the error #N/A.",
        ]

    def test_a_sheet_that_one_cell_makes_unreadable_is_named(self) -> None:
        content = book(with_cell(SCHOOLS, "Điện thoại", "#SPILL!"))
        assert places(as_error_cell(content, "#SPILL!")) == [("Trường", None)]

    def test_a_day_off_stands_once(self) -> None:
        assert places(book(days_off=[*DAYS_OFF, ["24/01/2025", "Nghỉ"]])) == [("Ngày nghỉ", "A3")]

    @pytest.mark.parametrize("content", [b"", b"PK", b"<html>", bytes(2000)])
    def test_what_is_no_workbook_is_one_problem(self, content: bytes) -> None:
        assert places(content) == [(None, None)]

    def test_a_file_that_is_missing_is_one_problem(self, tmp_path: Path) -> None:
        with pytest.raises(ControlError, match=r"dieu-hanh\.xlsx") as caught:
            control.read(tmp_path / "dieu-hanh.xlsx", PLAN, ZONE)
        assert len(caught.value.problems) == 1

    def test_a_cell_far_outside_the_list_is_not_read_into_memory(self) -> None:
        far = [*SCHOOLS, *[[] for _ in range(400_000)], ["x"]]
        assert places(book(far)) == [("Trường", None)]


def as_error_cell(content: bytes, error: str) -> bytes:
    """`content` with the first sheet's text `error` as an error that Excel itself put there."""
    workbook = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(workbook, "w") as new:
        strings = old.read("xl/sharedStrings.xml").decode()
        index = re.findall(r"<t[^>]*>([^<]*)</t>", strings).index(error)
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(f't="s"><v>{index}</v>'.encode(), f't="e"><v>{error}</v>'.encode())
            new.writestr(name, data)
    return workbook.getvalue()


# Any text that XML can carry and that reading leaves as it is: one line, no spaces at its ends.
ALPHABET = st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" ")
TEXTS = st.text(ALPHABET, max_size=30).map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()))
NAMES = TEXTS.filter(lambda text: text != "" and not text.startswith("#"))
CODES = st.from_regex(r"[A-Z]{2}[A-Z0-9._-]{0,8}[0-9]", fullmatch=True)
EMAILS = st.lists(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.vn", fullmatch=True), max_size=3, unique=True).map(tuple)
DAYS = st.dates(date(1950, 1, 1), date(2090, 1, 1))
REMINDER_DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))
"""Typed text is no date where its year is older than that."""
MOMENTS = st.builds(
    datetime.combine, st.dates(date(2090, 1, 2), date(2099, 12, 31)), st.times().map(lambda t: t.replace(microsecond=0))
).map(lambda moment: moment.replace(tzinfo=ZONE))
SPANS = st.tuples(DAYS, DAYS).map(lambda days: (min(days), max(days)))


@st.composite
def some_schools(draw: st.DrawFn) -> Schools:
    codes = draw(st.lists(CODES, max_size=4, unique_by=str.lower))
    schools = []
    for code in codes:
        opened, closed = draw(SPANS)
        schools.append(
            School(
                code,
                draw(NAMES),
                draw(st.sampled_from([level.code for level in PLAN.levels])),
                draw(NAMES | st.just("")),
                draw(EMAILS),
                draw(EMAILS),
                draw(st.text(string.digits, max_size=11)),
                draw(st.sampled_from([opened, None])),
                draw(st.sampled_from([closed, None])),
                earlier=draw(some_changes()),
            )
        )
    return Schools(tuple(map(partial(with_merger, draw, schools), schools)))


@st.composite
def some_changes(draw: st.DrawFn) -> tuple[Earlier, ...]:
    days = sorted(draw(st.sets(DAYS, max_size=2)))
    levels = st.sampled_from(["", *(level.code for level in PLAN.levels)])
    parts = [draw(st.tuples(NAMES | st.just(""), levels, NAMES | st.just("")).filter(any)) for _ in days]
    return tuple(Earlier(day, *each) for day, each in zip(days, parts, strict=True))


def with_merger(draw: st.DrawFn, schools: list[School], school: School) -> School:
    """`school`, perhaps merged into one that is there after it closed."""
    closed = school.closed_on
    there = [each.code for each in schools if each.closed_on is None or (closed and each.closed_on > closed)]
    others = [code for code in there if closed and code != school.code]
    return replace(school, merged_into=draw(st.sampled_from(["", *others])))


@st.composite
def some_periods(draw: st.DrawFn, schools: Schools) -> Periods:
    numbers = draw(st.lists(st.integers(1, 99), max_size=4, unique=True))
    periods = []
    for number in numbers:
        dues = draw(st.tuples(MOMENTS | st.none(), MOMENTS | st.none()).filter(any))
        period = Period(f"2025/DX-{number}", draw(NAMES), *draw(SPANS), *dues, draw(NAMES | st.just("")))
        reporting = [school.code for school in schools.reporting_in(period)] if period.schools_due else []
        periods.append(
            replace(
                period,
                reminders=tuple(sorted(draw(st.sets(REMINDER_DAYS, max_size=4)))),
                frozen_on=draw(DAYS | st.none()),
                sign_on=draw(DAYS | st.none()),
                office_reported_on=draw(DAYS | st.none()),
                extensions={code: draw(MOMENTS) for code in reporting if draw(st.booleans())},
            )
        )
    return Periods(tuple(periods))


@st.composite
def some_controls(draw: st.DrawFn) -> Control:
    schools = draw(some_schools())
    return Control(schools, draw(some_periods(schools)), draw(st.dictionaries(DAYS, NAMES, max_size=3)))


class TestWriting:
    @settings(max_examples=60)
    @given(some_controls())
    def test_what_is_written_is_read(self, written: Control) -> None:
        assert read(to_bytes(written, PLAN)) == written

    @pytest.mark.parametrize("hour", [(0, 0, 0), (0, 0, 1), (11, 30, 0), (17, 0, 0), (23, 59, 58), (23, 59, 59)])
    def test_a_due_moment_keeps_its_hour(self, hour: tuple[int, int, int]) -> None:
        period = Period(
            "TK-2025", "Tổng kết", date(2025, 1, 1), date(2025, 1, 1), datetime(2025, 2, 1, *hour, tzinfo=ZONE)
        )
        assert read(to_bytes(Control(periods=Periods((period,))), PLAN)).periods == Periods((period,))

    def test_a_new_workspace_gets_the_plans_calendar_and_room_for_its_schools(self, tmp_path: Path) -> None:
        new = control.proposed(PLAN, ZONE)
        file = control.write(tmp_path / "dieu-hanh.xlsx", new, PLAN)
        assert control.read(file, PLAN, ZONE) == new
        assert len(new.periods) == 18
        assert not new.schools

    def test_the_same_control_gives_the_same_bytes(self) -> None:
        content = to_bytes(WHOLE, PLAN)
        assert to_bytes(WHOLE, PLAN) == content
        created = openpyxl.load_workbook(io.BytesIO(content)).properties.created
        assert created.date() == PLAN.starts_on

    def test_lists_dates_and_codes_are_checked_while_typing(self) -> None:
        schools, periods, _, former = sheets(to_bytes(WHOLE, PLAN))
        checks = {str(check.sqref): check for check in schools.data_validations.dataValidation}
        assert checks["C5:C2004"].formula1 == '"MN-MG,TH,THCS,TH&THCS"'
        assert checks["C5:C2004"].error == "Chọn một cấp học trong danh sách."
        assert checks["H5:H2004"].type == "date"
        assert checks["A5:A2004"].formula1 == "COUNTIF($A$5:$A$2004,A5)=1"
        codes = {str(check.sqref): check for check in former.data_validations.dataValidation}["A5:A2004"]
        assert checks["J5:J2004"].formula1 == codes.formula1 == "'Trường'!$A$5:$A$2004"
        assert checks["J5:J2004"].errorStyle == codes.errorStyle == "warning"
        key, *others = periods.data_validations.dataValidation
        assert key.formula1 == 'COUNTIFS($A$5:$A$2004,A5,$K$5:$K$2004,"")<=1'
        assert key.errorStyle == "warning", "a row that gives schools more time repeats a key"
        dates = [str(check.sqref)[0] for check in others if check.type == "date"]
        assert dates == ["C", "D", "E", "F", "H", "I", "J"]
        assert key.prompt.endswith("2024-2025/HK1; 2024-2025/CN; 2025/DX-01; 2025/NAM; SK-2023; TK-2025.")

    def test_every_help_is_shown_whole(self) -> None:
        # Excel shows 255 characters at most.
        for sheet in sheets(to_bytes(WHOLE, PLAN)):
            for check in sheet.data_validations.dataValidation:
                assert (check.prompt or ".").endswith("."), check.prompt
                assert len(check.prompt or "") <= 255

    def test_rows_that_give_more_time_follow_their_period_one_for_each_due_moment(self) -> None:
        codes = ("TH01", "TH02", "TH03")
        schools = Schools(tuple(School(code, code, "TH") for code in codes))
        early, late = (datetime(2025, 1, day, 17, tzinfo=ZONE) for day in (24, 27))
        year = Period("2024-2025/CN", "Năm", date(2024, 9, 5), date(2025, 5, 30), due_moment(date(2025, 6, 4), ZONE))
        extended = replace(HK1, extensions=dict(zip(codes, (late, early, late), strict=True)))
        sheet = sheets(to_bytes(Control(schools, Periods((year, extended))), PLAN))[1]
        rows = [[row[index].value for index in (0, 1, 4, 10)] for row in sheet.iter_rows(min_row=5, max_row=8)]
        assert rows == [
            [HK1.key, "Học kỳ I", datetime(2025, 1, 22), None],  # noqa: DTZ001 - as Excel has it
            [HK1.key, None, datetime(2025, 1, 24, 17), "TH02"],  # noqa: DTZ001
            [HK1.key, None, datetime(2025, 1, 27, 17), "TH01; TH03"],  # noqa: DTZ001
            [year.key, "Năm", datetime(2025, 6, 4), None],  # noqa: DTZ001
        ]

    def test_it_looks_like_a_document_of_the_office_and_prints_on_a4(self) -> None:
        for sheet in sheets(to_bytes(WHOLE, PLAN)):
            assert {cell.font.name for row in sheet.iter_rows() for cell in row} == {"Times New Roman"}
            assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sheet.print_title_rows == "$4:$4"
            assert str(sheet.freeze_panes).endswith("5")

    def test_text_that_looks_like_a_formula_or_a_link_stays_text(self) -> None:
        school = School("TH01", "=1+1", "TH", "https://x.vn", phone="+84 1")
        written = Control(Schools((school,)))
        assert read(to_bytes(written, PLAN)) == written
        assert sheets(to_bytes(written, PLAN))[0]["B5"].data_type == "s"


OTHER = plan.load(Path(__file__).parent / "fakes" / "other-plan.toml")


def test_a_plan_of_another_shape_has_its_own_levels_and_period_keys() -> None:
    proposed = control.proposed(OTHER, ZONE)
    schools = Schools(tuple(School(f"S{number}", "s", level.code) for number, level in enumerate(OTHER.levels)))
    written = Control(schools, proposed.periods)
    assert len(written.periods) > 0
    assert control.read(to_bytes(written, OTHER), OTHER, ZONE) == written
    checks = sheets(to_bytes(written, OTHER))[0].data_validations.dataValidation
    levels, _codes = [check.formula1 for check in checks if check.type == "list"]
    assert levels == '"MAM-NON,PHO-THONG,NOI-TRU"'
    with pytest.raises(ControlError) as caught:
        control.read(book(periods=with_cell(PERIODS, "Mã kỳ", "2025/NAM")), OTHER, ZONE)
    assert [problem.cell for problem in caught.value.problems] == ["C2", "A2"]


def sheets(content: bytes) -> list[Any]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_what_libreoffice_saved_is_read(
    libreoffice: LibreOffice,
    tmp_path: Path,
    kind: Any,
) -> None:
    file = control.write(tmp_path / "dieu-hanh.xlsx", WHOLE, PLAN)
    with libreoffice.open(file) as opened:
        opened.insert_columns("Trường", 1)
        opened.insert_rows("Lịch báo cáo", 4)
        saved = opened.save_as(tmp_path / f"saved.{kind}")
    assert control.read(saved, PLAN, ZONE) == WHOLE
