"""What letters say. `texts/` holds the whole text of every sample letter."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sync.letters import samples, words
from sync.letters.content import Mend
from sync.letters.samples import SCHOOLS, item, letter
from tests.letters.helpers import SAMPLES, arrived, as_golden, composed, text_of, told

TEXTS = Path(__file__).parent / "texts"


class _Words(HTMLParser):
    """The words that a reader of the page sees, and the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def page(html: str) -> _Words:
    parser = _Words()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("name", SAMPLES)
def test_a_letter_says_word_for_word_what_was_read_and_approved(name: str) -> None:
    assert as_golden(SAMPLES[name]) == (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


def test_no_approved_text_is_left_over() -> None:
    assert {file.stem for file in TEXTS.glob("*.txt")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_says_each_due_moment_and_each_number_that_the_text_says(name: str) -> None:
    message = arrived(composed(SAMPLES[name].letter))
    facts = set(re.findall(r"\d[\d/:]*\d|\S+@\S+\w", text_of(message)))
    shown = " ".join(page(text_of(message, "html")).words)
    assert {fact for fact in facts if fact not in shown} == set()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_loads_nothing_and_links_to_nothing(name: str) -> None:
    html = text_of(arrived(composed(SAMPLES[name].letter)), "html")
    tags = page(html).tags
    assert {tag for tag, _ in tags} <= {
        *("html", "head", "meta", "title", "body", "table", "tr", "td", "th", "p", "b", "i", "br", "hr", "span"),
    }
    assert not {name for _tag, attributes in tags for name in attributes} & {"href", "src", "background"}
    assert "url(" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_a_long_subject_is_cut_off_at_a_word() -> None:
    wordy = replace(samples.ON_DEMAND, title="Báo cáo đột xuất " + "về an toàn trường học " * 9)
    subject = str(composed(letter(item("announced", 4, period=wordy))).message["Subject"])
    assert 100 < len(subject) <= 120
    assert subject.startswith("Yêu cầu nộp báo cáo đột xuất về an toàn trường học về")
    assert subject.removesuffix("…").split()[-1] in wordy.title.split()


def test_a_due_moment_is_said_with_its_day_and_hour() -> None:
    assert words.due(datetime(2025, 1, 22, 23, 59, 59, tzinfo=samples.ZONE)) == "hết ngày thứ Tư 22/01/2025 (23:59)"
    assert words.due(datetime(2025, 1, 26, 17, 0, tzinfo=samples.ZONE)) == "17:00 Chủ nhật 26/01/2025"


def test_a_report_is_not_called_a_report_twice() -> None:
    assert words.report("Báo cáo năm 2025") == "báo cáo năm 2025"
    assert words.report("Học kỳ I") == "báo cáo Học kỳ I"


def test_what_looks_like_html_or_like_a_template_stays_text() -> None:
    mend = Mend("{{ 7*7 }}", "<script>alert(1)</script>", "{% for x in [] %}")
    sent = letter(item("to_mend", 2, state="to_mend", findings=(mend,), file="<b>.xlsx"))
    text, html = told(sent), told(sent, "html")
    for said in ("{{ 7*7 }}", "<script>alert(1)</script>", "{% for x in [] %}", "<b>.xlsx"):
        assert said in text
        assert said in " ".join(page(html).words)
    assert "<script" not in html


def test_signs_that_steer_a_screen_are_taken_out() -> None:
    mend = Mend("ô H8\x00", "một\nhai\u2028ba", "đảo\u202engược\ud800")
    text = told(letter(item("to_mend", 2, state="to_mend", findings=(mend,))))
    assert "1. ô H8: một hai ba\n     Cách sửa: đảo ngược\n" in text


def test_three_schools_are_told_one_by_one_and_four_in_one_table() -> None:
    late = [item("overdue", -8, school) for school in SCHOOLS]
    three = told(letter(*late[:3], to=("lanh-dao@example.org",)))
    four = told(letter(*late[:4], to=("lanh-dao@example.org",)))
    assert three.count("Đã quá hạn 8 ngày.") == 3
    assert "Đã quá hạn 8 ngày." not in four
    assert "  4. Trường Mầm non Sơn Ca: quá hạn 8 ngày, chưa nộp; điện thoại 0200 000 004\n" in four


def test_a_letter_on_a_hundred_late_schools_has_one_line_for_each() -> None:
    late = [item("overdue", -8, replace(SCHOOLS[0], code=f"MN-{number}")) for number in range(100)]
    assert len(told(letter(*late, to=("lanh-dao@example.org",))).splitlines()) < 120


def test_findings_that_lie_in_no_attached_file_are_told_even_where_schools_are_many() -> None:
    faulty = [item("to_mend", 2, school, state="to_mend", findings=samples.MENDS) for school in SCHOOLS]
    text = told(letter(*faulty, to=SCHOOLS[0].emails))
    assert text.count("1. Phụ lục, ô H8: Kết quả còn trống.") == len(SCHOOLS)


def test_different_due_moments_stand_in_the_table() -> None:
    soon = [item("due_soon", 7, school) for school in SCHOOLS]
    soon[0] = replace(soon[0], notice=replace(soon[0].notice, due=samples.NOW))
    text = told(letter(*soon, to=SCHOOLS[0].emails))
    assert "1. Trường Mầm non Hoa Sen, chưa nộp; hạn 08:00 thứ Hai 20/01/2025\n" in text
    assert "2. Trường Tiểu học Tre Xanh, chưa nộp; hạn hết ngày thứ Tư 22/01/2025 (23:59)\n" in text


def test_a_list_of_findings_is_not_called_a_marked_copy() -> None:
    seen = item("to_mend", 2, state="to_mend", findings=samples.MENDS, attachments=(samples.BOOK,), file="MN-01.xls")
    text = told(letter(seen))
    assert "tô màu" not in text
    assert "Tệp đính kèm (MN-01.xlsx) ghi rõ các lỗi và cách sửa." in text
    told_marked = told(letter(replace(seen, file="MN-01.xlsx")))
    assert "các ô có lỗi được tô màu" in told_marked


def test_a_long_list_of_the_digest_is_cut_off_and_says_so() -> None:
    digest = SAMPLES["digest"].letter.digest
    assert digest is not None
    lines = [replace(digest.periods[0].missing[0], code=f"MN-{number}") for number in range(200)]
    text = told(letter(digest=replace(digest, periods=[replace(digest.periods[0], missing=lines)])))
    assert "Chưa nộp 200 trường" in text
    assert "  và 140 trường nữa; xem sheet Tiến độ nộp trong tong-hop.\n" in text


def test_the_office_says_how_to_send() -> None:
    text = text_of(arrived(composed(SAMPLES["overdue"].letter, how_to_send="gửi vào\nhộp thư chung.")))
    assert "Cách gửi: gửi vào hộp thư chung.\n" in text


def test_a_letter_without_content_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="says nothing"):
        composed(letter())
