"""The shipped templates of reports, one for each kind, written with python-docx. An office edits its copy in Word."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sync.outputs.word_report.document import (
    BODY,
    HEADING,
    LANDSCAPE,
    LEFT,
    MINOR,
    RIGHT,
    START,
    SUBHEADING,
    WIDE_CELL,
    WIDE_HEAD,
    WIDTH,
    Book,
    rule,
    styled,
    write,
)
from sync.outputs.word_report.packing import packed
from sync.reporting import Kind

_MADE = datetime(2020, 1, 1, tzinfo=UTC)
_HELP = (
    "{#p Mẫu báo cáo. Sửa lời văn, thêm bớt mục tuỳ ý. Chữ trong hai dấu ngoặc nhọn là số liệu do phần mềm điền; dòng "
    "chữ xám là lệnh, không có trong báo cáo. Chỗ cần người điền viết là gap với lời nhắc. Danh sách tên dùng được có "
    "trong hướng dẫn dành cho cán bộ. #}"
)


def template(kind: Kind) -> bytes:
    """The shipped template of the reports of `kind`, the same bytes each time."""
    book = Book()
    book.command(_HELP)
    _head(book)
    _BODIES[kind](book)
    _signature(book)
    _appendix(book)
    kept = io.BytesIO()
    book.document.save(kept)
    return packed(kept.getvalue(), moment=_MADE, author="baocao", title="")


def _head(book: Book) -> None:
    """Names of the office and of the state, number, place and date: boxes 1-4 of the Decree's scheme."""
    left_width, right_width = 72.0, 92.0
    (left, right), (number, dated) = book.side_by_side([left_width, right_width], rows=2)
    write(left, "{%p if office.parent %}", 9)
    write(left, "{{ office.parent }}", 12)
    write(left, "{%p endif %}", 9)
    write(left, "{{ office.name }}", 12, bold=True)
    rule(left.add_paragraph(), left_width, 26)
    write(number, "{{ document.number }}", 13, before=4)
    write(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True)
    write(right, "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    rule(right.add_paragraph(), right_width, 57)
    write(dated, "{{ document.place_date }}", 13, italic=True, before=4)


def _title(book: Book, *lines: str) -> None:
    styled(book.text("", BODY), "BÁO CÁO", 14, bold=True, before=16)
    for line in lines:
        styled(book.text("", BODY), line, 14, bold=True)
    rule(book.text("", BODY), WIDTH, 50)
    book.room(14)


def _either(book: Book, name: str, then: Callable[[], None], missing: str) -> None:
    """What `then` writes where `name` has something, else the marked gap `missing`."""
    book.command(f"{{%p if {name} %}}")
    then()
    book.command("{%p else %}")
    book.text(f'{{{{ gap("{missing}") }}}}')
    book.command("{%p endif %}")


def _if(book: Book, name: str, then: Callable[[], None]) -> None:
    book.command(f"{{%p if {name} %}}")
    then()
    book.command("{%p endif %}")


def _gap(book: Book, missing: str) -> None:
    book.text(f'{{{{ gap("{missing}") }}}}')


def _intro(book: Book, what: str) -> None:
    def dispatch() -> None:
        book.text("Căn cứ yêu cầu tại văn bản {{ document.dispatch }};")

    _if(book, "document.dispatch", dispatch)
    book.text(
        "Thực hiện {{ plan.title }} số {{ plan.number }} ngày {{ plan.date }} về {{ plan.subject }}, "
        f"{{{{ office.in_text }}}} {what} như sau:"
    )


def _reporting(book: Book) -> None:
    book.text("Tính đến {{ period.as_of }}, tình hình báo cáo của các trường như sau:")
    book.lines("reporting.lines")
    _if(book, "reporting.table", lambda: book.table("reporting.table"))


def _activities(book: Book) -> None:
    def known() -> None:
        book.text("{{ activities.overall }}")
        book.lines("activities.sections")
        _if(book, "activities.reach", lambda: _body(book, "{{ activities.reach }}"))
        book.text("Kết quả của từng hoạt động có tại Phụ lục kèm theo.")

    _either(book, "activities", known, "Nêu kết quả thực hiện các hoạt động: chưa có số liệu của trường")


def _body(book: Book, text: str) -> None:
    book.text(text, BODY)


def _duties(book: Book) -> None:
    def known() -> None:
        book.text("{{ duties.overall }}")
        _if(book, "duties.lagging", lambda: _lagging(book, "duties", "Nhiệm vụ"))

    _either(book, "duties", known, "Nêu kết quả các trường thực hiện nhiệm vụ được giao: chưa có số liệu của trường")


def _targets(book: Book) -> None:
    def known() -> None:
        book.text("{{ targets.overall }}")
        book.table("targets.table")
        _if(book, "unmet", lambda: _voices(book, "unmet", "Lý do chưa đạt do các trường nêu:"))

    _either(book, "targets", known, "Nêu kết quả thực hiện các chỉ tiêu: chưa có số liệu của trường")


def _statistics(book: Book) -> None:
    missing = "Nêu số liệu tổng hợp: chưa có số liệu của trường"
    _either(book, "statistics", lambda: book.table("statistics"), missing)


def _voices(book: Book, name: str, words: str) -> None:
    book.text(words)
    book.command(f"{{%p for part in {name} %}}")
    book.text("{{ part.title }}:", MINOR)
    book.lines("part.lines")
    book.command("{%p endfor %}")


def _compared(book: Book) -> None:
    book.text("{{ compared_words }}")
    _if(book, "compared", lambda: book.table("compared"))


def _results(book: Book) -> None:
    """Activities, duties, targets, statistics; the plan decides which of them there are."""
    book.text("{{ numbers.activities }}. Các hoạt động của Kế hoạch", SUBHEADING)
    _activities(book)
    for name, title, write_part in (
        ("targets", "Các chỉ tiêu cụ thể", _targets),
        ("duties", "Nhiệm vụ của các trường", _duties),
        ("statistics", "Số liệu tổng hợp", _statistics),
    ):
        book.command(f"{{%p if numbers.{name} %}}")
        book.text(f"{{{{ numbers.{name} }}}}. {title}", SUBHEADING)
        write_part(book)
        book.command("{%p endif %}")
    _if(book, "masking_note", lambda: _body(book, "{{ masking_note }}"))


def _well(book: Book) -> None:
    def known() -> None:
        book.text(
            "Theo số liệu của các trường, hoạt động được từ {{ well_from }} số trường phải thực hiện hoàn thành gồm:"
        )
        book.lines("activities.well")

    book.command("{%p if activities and activities.has_data %}")
    book.command("{%p if activities.well %}")
    known()
    book.command("{%p else %}")
    book.text(
        "Theo số liệu của các trường, chưa hoạt động nào được từ {{ well_from }} số trường phải thực hiện hoàn thành."
    )
    book.command("{%p endif %}")
    book.command("{%p endif %}")
    _gap(book, "Nêu kết quả nổi bật, cách làm hay, mô hình tốt của các trường; phần mềm không có thông tin này")


def _lagging(book: Book, name: str, what: str) -> None:
    book.text(f"{what} có dưới {{{{ lagging_below }}}} số trường phải thực hiện hoàn thành:")
    book.lines(f"{name}.lagging")


def _limits(book: Book) -> None:
    book.command("{%p if activities and activities.has_data %}")
    book.command("{%p if activities.lagging %}")
    _lagging(book, "activities", "Hoạt động")
    book.command("{%p else %}")
    book.text("Không có hoạt động nào có dưới {{ lagging_below }} số trường phải thực hiện hoàn thành.")
    book.command("{%p endif %}")
    book.command("{%p endif %}")
    _gap(book, "Nêu hạn chế khác; nếu không có thì xoá dòng này")


def _difficulties(book: Book) -> None:
    missing = "Nêu khó khăn, vướng mắc: các trường không ghi, hoặc chưa có số liệu"
    _either(book, "difficulties", lambda: _voices(book, "difficulties", "Các trường phản ánh:"), missing)
    _if(book, "not_applicable", lambda: _voices(book, "not_applicable", "Lý do các trường chọn không áp dụng:"))


def _assessment(book: Book, number: str) -> None:
    book.text(f"{number}. ĐÁNH GIÁ CHUNG", HEADING)
    book.text("1. Kết quả đạt được", SUBHEADING)
    _well(book)
    book.text("2. Hạn chế", SUBHEADING)
    _limits(book)
    book.text("3. Khó khăn, vướng mắc", SUBHEADING)
    _difficulties(book)
    book.text("4. Nguyên nhân", SUBHEADING)
    _gap(book, "Nêu nguyên nhân khách quan và chủ quan của các hạn chế, khó khăn")


def _ending(book: Book, number: str, title: str, missing: str) -> None:
    book.text(f"{number}. {title}", HEADING)
    _gap(book, missing)


def _proposals(book: Book, number: str) -> None:
    _ending(book, number, "ĐỀ XUẤT, KIẾN NGHỊ", "Nêu đề xuất, kiến nghị với cấp trên; nếu không có thì ghi Không có")


def _closing(book: Book, what: str) -> None:
    book.text(f"Trên đây là {what}, {{{{ office.in_text }}}} kính báo cáo./.").paragraph_format.keep_with_next = True


def _semester(book: Book) -> None:
    _title(book, "Kết quả thực hiện {{ plan.title }}", "{{ plan.subject }}", "({{ period.title }})")
    _intro(book, "báo cáo kết quả thực hiện {{ period.in_text }}")
    book.text("I. TÌNH HÌNH BÁO CÁO", HEADING)
    _reporting(book)
    book.text("II. KẾT QUẢ THỰC HIỆN", HEADING)
    _results(book)
    book.text("{{ numbers.compared }}. So sánh với cùng kỳ trước", SUBHEADING)
    _compared(book)
    _assessment(book, "III")
    _ending(book, "IV", "PHƯƠNG HƯỚNG, NHIỆM VỤ THỜI GIAN TỚI", "Nêu phương hướng, nhiệm vụ của kỳ tiếp theo")
    _proposals(book, "V")
    _closing(book, "báo cáo kết quả thực hiện {{ plan.title }} {{ period.in_text }}")


def _yearly(book: Book) -> None:
    _title(book, "Kết quả thực hiện {{ plan.title }} {{ period.in_text }}", "{{ plan.subject }}")
    _intro(book, "báo cáo kết quả thực hiện {{ period.in_text }}")
    _ending(
        book,
        "I",
        "CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH",
        "Nêu các văn bản đã ban hành, việc tổ chức, kiểm tra, phối hợp trong năm",
    )
    book.text("II. TÌNH HÌNH BÁO CÁO CỦA CÁC TRƯỜNG", HEADING)
    _reporting(book)
    book.text("III. KẾT QUẢ THỰC HIỆN", HEADING)
    _if(book, "period.state_of", lambda: _state(book))
    _results(book)
    book.text("{{ numbers.compared }}. So sánh với năm trước", SUBHEADING)
    _compared(book)
    _assessment(book, "IV")
    _ending(book, "V", "PHƯƠNG HƯỚNG, NHIỆM VỤ NĂM TỚI", "Nêu phương hướng, nhiệm vụ trọng tâm của năm tới")
    _proposals(book, "VI")
    _closing(book, "báo cáo kết quả thực hiện {{ plan.title }} {{ period.in_text }}")


def _state(book: Book) -> None:
    book.text("Tình trạng thực hiện trong phần này lấy theo báo cáo mới nhất đã tổng hợp: {{ period.state_of }}.")


def _review(book: Book) -> None:
    _title(book, "{{ period.title }}", "{{ plan.subject }}")
    _intro(book, "báo cáo {{ period.in_text }} (từ ngày {{ period.starts_on }} đến ngày {{ period.ends_on }})")
    _ending(
        book,
        "I",
        "CÔNG TÁC CHỈ ĐẠO, TRIỂN KHAI",
        "Nêu việc ban hành kế hoạch, văn bản chỉ đạo, tập huấn, phối hợp, kiểm tra, kinh phí cả giai đoạn",
    )
    book.text("II. TÌNH HÌNH BÁO CÁO CỦA CÁC TRƯỜNG", HEADING)
    _reporting(book)
    book.text("III. KẾT QUẢ QUA CÁC NĂM", HEADING)

    def known() -> None:
        book.text("Diễn biến theo các kỳ báo cáo đã tổng hợp:")
        book.table("years")

    _either(book, "years", known, "So sánh các năm của giai đoạn: phần mềm chưa có số liệu của từ hai kỳ trở lên")
    book.text("IV. KẾT QUẢ THỰC HIỆN", HEADING)
    _if(book, "period.state_of", lambda: _state(book))
    _results(book)
    _assessment(book, "V")
    book.text("5. Bài học kinh nghiệm", SUBHEADING)
    _gap(book, "Nêu bài học kinh nghiệm rút ra trong giai đoạn")
    _ending(
        book,
        "VI",
        "TẬP THỂ, CÁ NHÂN TIÊU BIỂU",
        "Nêu tập thể, cá nhân đề nghị khen thưởng; nếu không có thì xoá mục này",
    )
    _ending(book, "VII", "PHƯƠNG HƯỚNG, NHIỆM VỤ GIAI ĐOẠN TIẾP THEO", "Nêu phương hướng, nhiệm vụ giai đoạn tiếp theo")
    _proposals(book, "VIII")
    _closing(book, "báo cáo {{ period.in_text }}")


def _signature(book: Book) -> None:
    """Who gets it, and who signs: boxes 7 and 9 of the Decree's scheme. One row, so that no page tears it."""
    ((left, right),) = book.side_by_side([80, 80])
    write(left, "Nơi nhận:", 12, bold=True, italic=True, align=START, before=6)
    write(left, "{%p for line in office.recipients %}", 9, align=START)
    write(left, "{{ line }}", 11, align=START)
    write(left, "{%p endfor %}", 9, align=START)
    first = write(right, "{%p for line in office.signer %}", 9)
    first.paragraph_format.space_before = 0
    write(right, "{{ line }}", 14, bold=True)
    write(right, "{%p endfor %}", 9)
    for _line in range(4):
        write(right, "", 14).paragraph_format.keep_with_next = True
    write(right, '{{ gap("Họ và tên người ký") }}', 14, bold=True)


def _appendix(book: Book) -> None:
    width = LANDSCAPE[0] - LEFT - RIGHT
    book.landscape()
    styled(book.text("", BODY), "Phụ lục", 14, bold=True)
    styled(book.text("", BODY), "{{ plan.appendix_title }}", 14, bold=True, before=3)
    styled(book.text("", BODY), "({{ period.title }})", 13)
    styled(book.text("", BODY), "{{ document.attached_to }}", 13, italic=True)
    rule(book.text("", BODY), width, 60)
    book.room(8)
    book.table("appendix", WIDE_CELL, WIDE_HEAD)
    _if(book, "masking_note", lambda: _body(book, "{{ masking_note }}"))


_BODIES: Mapping[Kind, Callable[[Book], None]] = {"semester": _semester, "yearly": _yearly, "review": _review}
