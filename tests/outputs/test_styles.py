from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest

from sync.outputs import styles as st


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, 1),
        ("Hoàn thành", 12, 1),
        ("Đang thực hiện nhiệm vụ", 12, 3),
        ("một\nhai\nba", 20, 3),
        ("https://example.vn/van-ban/rat-dai/khong-co-cho-ngat", 12, 5),
    ],
)
def test_lines_are_counted_as_a_program_would_wrap_them(text: str, width: float, expected: int) -> None:
    assert st.lines(text, width, 12) == expected


def test_marks_above_and_below_a_letter_take_no_room() -> None:
    assert st.lines("ếểễệ" * 20, 30, 12) == st.lines("e" * 80, 30, 12)


def test_a_row_is_never_higher_than_excel_allows() -> None:
    assert st.height([("dòng\n" * 200, 10, 12, False)]) == 409


def test_the_two_blocks_of_a_heading_never_touch() -> None:
    for widths in ([5.0, 44, 17, 17, 10, 13, 24], [10.0, 90, 10], [50.0, 50], [4.0, 4, 120, 4]):
        (first, left_end), (right_start, last) = st.heading_spans(widths)
        assert first == 0 <= left_end < right_start <= last == len(widths) - 1


def test_an_ampersand_in_the_footer_is_text() -> None:
    buffer = io.BytesIO()
    book = st.new_workbook(buffer, "Mẫu", "Phòng", datetime(2020, 1, 1))  # noqa: DTZ001
    sheet = book.add_worksheet("A")
    sheet.write_string(0, 0, "x")
    st.page(sheet, footer="Trường TH&THCS")
    book.close()
    with zipfile.ZipFile(buffer) as archive:
        assert "TH&amp;&amp;THCS" in archive.read("xl/worksheets/sheet1.xml").decode()


def test_a_format_is_made_once() -> None:
    styles = st.Styles(st.new_workbook(io.BytesIO(), "", "", datetime(2020, 1, 1)))  # noqa: DTZ001
    assert styles.get(bold=True) is styles.get(bold=True)
    assert styles.get(bold=True) is not styles.get(bold=False)
