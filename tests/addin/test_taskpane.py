"""The task pane against the real server, in a real browser under a strict host: what a school sees of its report."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.landmarks import INFO_SHEET, META_SHEET
from sync.outputs import layout
from sync.text import address
from tests.addin.panes import Pane, browser, open_book, opened
from tests.fakes import offices

pytestmark = pytest.mark.slow
CHECK = "**/custom-scripts-call/check"
SUBMIT = "**/custom-scripts-call/submit"
WRONG = "bc-0123456789-" + "x" * 43
FAULTS = {
    **offices.FAULTY,
    ("activities", "I.2", "difficulties"): "Xin gọi số 0912 345 678 để biết thêm",
    ("activities", "I.3", "status"): "Xong rồi",
}
PRIVATE = "Danh sách lớp 3A"
MARKUP = '<img src=x onerror="document.title=1">=HYPERLINK("http://x")'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


def book_of(workspace: Path, changes: dict[tuple[str, str, str], Any] | None = None) -> dict[str, Any]:
    """A school's filled workbook with a sheet beside it that is nobody's business."""
    file = offices.send(workspace, "TH01", changes, name="mo-trong-excel.xlsx")
    book = open_book(file)
    file.unlink()
    own = {"name": PRIVATE, "visibility": "Visible", "protected": False, "values": [["Nguyễn Thị Mầm", "0901234567"]]}
    book["sheets"].insert(0, own)
    return book


@pytest.fixture(scope="module")
def faulty(server: Any) -> dict[str, Any]:
    return book_of(server.workspace, FAULTS)


@pytest.fixture(scope="module")
def sound(server: Any) -> dict[str, Any]:
    return book_of(server.workspace, {("activities", "I.2", "difficulties"): "Nộp từ bảng bên cạnh."})


def others(pane: Pane) -> list[Any]:
    """Everything of the workbook but `Kiểm tra`."""
    return [sheet for sheet in pane.state("book.sheets") if sheet["name"] != layout.FINDINGS_SHEET]


def answer(*rows: list[str], sheet: int = 7, lines: tuple[str, str] = ("", "")) -> dict[str, Any]:
    """What the server answers, with these findings; `sheet` is the position of `Kiểm tra`."""
    values = [*rows, *([[""] * 7] * (layout.FINDINGS_ROWS - len(rows)))]
    receipt = {"func": "setValues", "sheet_position": sheet, "start_row": 1, "start_column": 1, "args": []}
    findings = {**receipt, "start_row": 13, "start_column": 0, "row_count": 200, "column_count": 7, "values": values}
    receipt |= {"row_count": 2, "column_count": 1, "values": [[line] for line in lines]}
    return {"actions": [receipt, findings]}


def test_a_key_is_asked_for_once_and_only_a_right_one_is_kept(server: Any, chromium: Any, sound: Any) -> None:
    with opened(chromium, server.url, sound) as pane:
        policy = pane.page.request.get(f"{server.url}/taskpane.html").headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert pane.page.evaluate("document.activeElement.id") == "key-input"
        pane.enter_key("bc-ngắn")
        assert "chưa đúng dạng" in pane.text("#message-head")
        pane.enter_key(WRONG)
        assert "không dùng được" in pane.text("#message-head")
        assert pane.state("stored") == {}
        pane.enter_key(f" \u200b{server.key}\n")
        assert pane.page.evaluate("document.activeElement.id") == "check"
        assert pane.text("#school-name") == "Trường Tiểu học Hoa Sen (TH01)"
        assert "2024-2025" in pane.text("#school-period")
        assert pane.text("#school-due") == "23:59 ngày 22/01/2025"
        assert pane.text("#school-standing")
        kept = pane.state("stored")
        assert list(kept.values()) == [server.key]
        assert pane.page.evaluate("document.documentElement.scrollWidth") <= 320
    with opened(chromium, server.url, sound, stored=kept) as pane:
        assert pane.page.is_visible("#check")
        pane.click("#forget-key")
        assert pane.page.is_visible("#key-input")
        assert pane.state("stored") == {}


def test_findings_are_those_of_the_sheet_errors_first_and_a_click_goes_to_the_cell(
    server: Any, chromium: Any, faulty: Any
) -> None:
    with opened(chromium, server.url, faulty, stored={"baocao-key": server.key}) as pane:
        bodies: list[str] = []
        pane.page.on("request", lambda request: bodies.append(request.post_data or ""))
        before = others(pane)
        pane.page.focus("#check")
        pane.page.keyboard.press("Enter")
        pane.settle()
        rows = [row for row in pane.sheet(layout.FINDINGS_SHEET)["values"][layout.FINDINGS_FIRST_ROW :] if row[5]]
        assert sorted(item.split("\n")[2] for item in pane.findings()) == sorted(row[5] for row in rows)
        signs = [item.split()[0] for item in pane.findings()]
        assert signs == sorted(signs, key="✖⚠".index)
        assert set(signs) == {"✖", "⚠"}
        errors, warnings = signs.count("✖"), signs.count("⚠")
        assert pane.text("#results-count").startswith(f"{errors} lỗi, {warnings} cảnh báo")
        assert pane.page.evaluate("document.activeElement.id") == "results-heading"
        assert others(pane) == before

        pane.page.click("#only-errors")
        assert len(pane.findings()) == errors

        pane.page.click("#findings .error button >> nth=0")
        pane.page.wait_for_selector("#findings li:first-child[aria-current]")
        place = pane.page.inner_text("#findings .error .where >> nth=0")
        assert place == f"{pane.state('book.active')}, ô {pane.state('book.selection')}"

        sent = json.dumps(json.loads("".join(bodies)), ensure_ascii=False)
        assert "Phụ lục" in sent
        for private in (PRIVATE, "Nguyễn Thị Mầm", "0901234567", "mo-trong-excel"):
            assert private not in sent
        assert pane.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_sheets_that_were_renamed_in_other_letters_are_the_same_sheets(server: Any, chromium: Any, faulty: Any) -> None:
    renamed = copy.deepcopy(faulty)
    names = {"Kiểm tra": "KIỂM  TRA", "Phụ lục": "phụ lục ", "Số liệu": unicodedata.normalize("NFD", "Số liệu")}
    for sheet in renamed["sheets"]:
        sheet["name"] = names.get(sheet["name"], sheet["name"])
    found, bodies = [], list[str]()
    for book in (faulty, renamed):
        with opened(chromium, server.url, book, stored={"baocao-key": server.key}) as pane:
            pane.page.on("request", lambda request: bodies.append(request.post_data or ""))
            pane.click("#check")
            found.append([item.split("\n")[2] for item in pane.findings()])
    assert found[0] == found[1] != []
    # xlwings finds no name with blanks around it, so the pane reads all sheets then; none travels that did not before.
    assert not any(private in body for body in bodies for private in (json.dumps(PRIVATE)[1:-1], PRIVATE, "0901234567"))


def test_a_report_with_errors_is_not_handed_in(server: Any, chromium: Any, faulty: Any) -> None:
    before = server.handed_in()
    with opened(chromium, server.url, faulty, stored={"baocao-key": server.key}) as pane:
        pane.submit()
        assert pane.text("#message-head") == "Chưa nộp được, còn lỗi phải sửa"
        assert pane.sent == ["submit"]
    assert server.handed_in() == before


def test_handing_in_asks_first_and_sends_once_however_often_one_clicks(server: Any, chromium: Any, sound: Any) -> None:
    before = server.handed_in()
    with opened(chromium, server.url, sound, stored={"baocao-key": server.key}) as pane:
        pane.page.click("#submit")
        assert pane.page.evaluate("document.activeElement.id") == "confirm-yes"
        pane.page.keyboard.press("Escape")
        assert not pane.page.is_visible("#confirm")
        assert pane.page.evaluate("document.activeElement.id") == "submit"
        assert pane.sent == []

        pane.page.click("#submit")
        pane.page.evaluate(
            "for (const id of ['confirm-yes', 'confirm-yes', 'check']) document.getElementById(id).click()"
        )
        pane.settle()
        assert pane.sent == ["submit"]
        assert pane.text("#message-head") == "Đã nộp"
        line = pane.sheet(layout.FINDINGS_SHEET)["values"][layout.RECEIPT_FIRST_ROW][layout.FINDINGS_SEVERITY_COLUMN]
        assert line
        assert line in pane.text("#message-text")
        assert pane.page.is_visible("#school-received-row")
    assert len(server.handed_in() - before) == 1


def test_every_trouble_is_told_in_its_own_words(server: Any, chromium: Any, sound: Any) -> None:
    expected = {
        0: "Không nối được với máy chủ",
        403: "Đây là báo cáo của trường khác",
        409: "Máy chủ không nhận báo cáo này",
        413: "Tệp lớn quá",
        422: "Đây không phải mẫu báo cáo",
        429: "Máy chủ đang bận",
        500: "Máy chủ gặp lỗi",
        502: "Máy chủ gặp lỗi",
        503: "Máy chủ chưa sẵn sàng",
        400: "Máy chủ không đọc được tệp",
        408: "Mạng chậm quá",
        200: "Không hiểu máy chủ trả lời gì",
    }
    with opened(chromium, server.url, sound, stored={"baocao-key": server.key}) as pane:
        for status, head in expected.items():
            pane.answer(CHECK, status, {"detail": f"Lời của máy chủ {status}."} if status != 500 else ["không rõ"])
            pane.click("#check")
            assert pane.text("#message-head") == head
            assert pane.page.get_attribute("#message", "role") == "alert"
            assert (f"Lời của máy chủ {status}." in pane.text("#message-text")) == (status not in {0, 200, 500})
        pane.answer(SUBMIT, 0, None)
        pane.submit()
        assert "Chưa rõ máy chủ đã nhận hay chưa" in pane.text("#message-text")
        # A proxy that waited no longer, an answer that nobody understands: the report may have arrived all the same.
        for status, body in ((504, "<html>"), (200, {}), (200, {"actions": [{"func": "deleteSheet"}]})):
            pane.answer(SUBMIT, status, body)
            pane.submit()
            assert "Chưa rõ máy chủ đã nhận hay chưa" in pane.text("#message-text"), body
        # The server itself says that it took nothing; and where nothing was sent, nothing can have arrived.
        pane.answer(SUBMIT, 503, {"detail": "Chưa sẵn sàng."})
        pane.submit()
        assert pane.text("#message-text") == "Chưa sẵn sàng."
        pane.answer("**/custom-scripts-meta.json", 0, None)
        pane.submit()
        assert "Chưa rõ" not in pane.text("#message-text")
        assert pane.page.is_enabled("#submit")
        pane.page.evaluate("hostState.editing = true")
        pane.click("#check")
        assert "gõ xong một ô" in pane.text("#message-head")
        pane.page.evaluate("hostState.editing = false")
        pane.answer("**/custom-scripts-meta.json", 200, [{"function_name": "check", "include": ""}])
        sent = len(pane.sent)
        pane.click("#check")
        assert (pane.text("#message-head"), len(pane.sent)) == ("Không hiểu máy chủ trả lời gì", sent)
        pane.answer("**/baocao/standing", 0, None)
        pane.click("#change-key")
        pane.enter_key(server.key)
        assert pane.text("#message-head") == "Không nối được với máy chủ"
        pane.answer("**/custom-scripts-meta.json", 401, {"detail": "Mã này đã bị thu hồi."})
        pane.click("#key-back")
        pane.click("#check")
        assert pane.page.is_visible("#key-input")
        assert pane.text("#message-text") == "Mã này đã bị thu hồi."


def test_nothing_of_a_workbook_that_is_not_ours_leaves_excel(server: Any, chromium: Any) -> None:
    foreign: dict[str, Any] = {"name": "a.xlsx", "active": PRIVATE, "selection": "A1", "sheets": []}
    foreign["sheets"] = [{"name": PRIVATE, "visibility": "Visible", "protected": False, "values": [["Mầm"]]}]
    with opened(chromium, server.url, foreign, stored={"baocao-key": server.key}) as pane:
        pane.click("#check")
        pane.submit()
        assert pane.text("#message-head") == "Đây không phải mẫu báo cáo"
        assert pane.sent == []


def test_an_answer_can_change_nothing_but_the_sheet_of_findings(server: Any, chromium: Any, sound: Any) -> None:
    with opened(chromium, server.url, sound, stored={"baocao-key": server.key}) as pane:
        before = pane.state("book.sheets")
        for actions in (
            answer(sheet=3)["actions"],
            [*answer()["actions"], {**answer()["actions"][0], "func": "setFormula", "values": [["=1"], ["=2"]]}],
            [*answer()["actions"], {"func": "deleteSheet", "sheet_position": 7, "args": []}],
        ):
            pane.answer(CHECK, 200, {"actions": actions})
            pane.click("#check")
            assert pane.text("#message-head") == "Không hiểu máy chủ trả lời gì"
        assert pane.state("book.sheets") == before


def test_texts_are_shown_as_text_and_what_cannot_be_written_is_shown_all_the_same(
    server: Any, chromium: Any, sound: Any
) -> None:
    hidden = ["x", "Lỗi", "_meta", "A1", "", MARKUP, "=1+1"]
    rest = ["…", "", "", "", "", "Còn 5 lỗi và cảnh báo nữa không ghi hết ở đây.", ""]
    locked = copy.deepcopy(sound)
    next(sheet for sheet in locked["sheets"] if sheet["name"] == layout.FINDINGS_SHEET)["open"] = []
    with opened(chromium, server.url, locked, stored={"baocao-key": server.key}) as pane:
        pane.answer(CHECK, 200, answer(hidden, rest, lines=("Dòng một.", "")))
        pane.click("#check")
        assert MARKUP in pane.findings()[0]
        assert "Cách sửa: =1+1" in pane.findings()[0]
        assert pane.page.query_selector("#findings img") is None
        assert len(pane.findings()) == 1
        assert "Còn 5 lỗi" in pane.text("#results-rest")
        assert "Dòng một." in pane.text("#message-text")
        assert "bị khoá" in pane.text("#message-text")
        pane.page.click("#findings button")
        pane.page.wait_for_selector("#message-head:has-text('Không mở được ô này')")

        moving = "hostState.book.sheets.push(hostState.book.sheets.shift())"
        pane.page.route(CHECK, lambda route: (pane.page.evaluate(moving), route.fallback())[1])
        before = pane.state("calls")
        pane.click("#check")
        assert "Thứ tự các sheet vừa thay đổi" in pane.text("#message-text")
        assert pane.state("calls") == before


def test_the_ribbon_opens_the_pane_and_handing_in_still_asks(server: Any, chromium: Any, sound: Any) -> None:
    with opened(chromium, server.url, sound, stored={"baocao-key": server.key}) as pane:
        press = "id => new Promise(done => hostState.actions[id]({ completed: done }))"
        pane.page.evaluate(press, "baocao-submit")
        assert pane.page.is_visible("#confirm")
        pane.page.evaluate(press, "baocao-check")
        assert pane.sent == ["check"]
        assert pane.state("shown") == 2
        manifest = pane.page.request.get(f"{server.url}/manifest.xml").text()
        assert all(f"<FunctionName>{action}</FunctionName>" in manifest for action in pane.state("actions"))


def test_an_excel_that_is_too_old_is_told_what_to_do(server: Any, chromium: Any, sound: Any) -> None:
    with opened(chromium, server.url, sound, excel_api="1.8", runtime_storage=False) as pane:
        assert "cần Excel 2021" in pane.text("#too-old")
        assert not pane.page.is_visible("#check")


def test_the_pane_looks_where_the_template_has_it(server: Any, chromium: Any, sound: Any) -> None:
    with opened(chromium, server.url, sound, runtime_storage=False) as pane:
        module = "import('/static/js/taskpane/workbook.js').then((module) => module.LAYOUT)"
        column = layout.FINDINGS_SEVERITY_COLUMN
        first, last = layout.FINDINGS_FIRST_ROW, layout.FINDINGS_FIRST_ROW + layout.FINDINGS_ROWS - 1
        ends = address(layout.RECEIPT_FIRST_ROW + layout.RECEIPT_ROWS - 1, column)
        assert pane.page.evaluate(module) == {
            "sheet": layout.FINDINGS_SHEET,
            "identity": [META_SHEET, INFO_SHEET],
            "receipt": f"{address(layout.RECEIPT_FIRST_ROW, column)}:{ends}",
            "findings": f"{address(first, layout.FINDINGS_KEY_COLUMN)}:{address(last, layout.FINDINGS_FIX_COLUMN)}",
        }
        # Without Office's own store the browser keeps the key.
        pane.enter_key(server.key)
        assert pane.page.evaluate("Object.values(localStorage)") == [server.key]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("context.workbook.worksheets.getItem('Kiểm tra').colour", "Excel has no member Excel.Worksheet.colour"),
        ("context.workbook.name", "Excel.Workbook.name is read before load and sync"),
        ("context.workbook.worksheets.items", "Excel.WorksheetCollection.items is read before load and sync"),
        ("context.workbook.worksheets.getItemOrNullObject('a').isNullObject", "isNullObject is read before sync"),
        ("context.workbook.name = 'b'", "Excel.Workbook.name is read only"),
        ("context.workbook.worksheets.onMoved", "needs ExcelApi 1.17"),
        ("context.workbook.save()", "the host does not play Excel.Workbook.save()"),
        ("Office.context.kitchen", "Office has no member Office.Context.kitchen"),
    ],
)
def test_the_host_fails_on_what_excel_has_not_and_on_reading_before_sync(bare: Pane, code: str, fault: str) -> None:
    assert fault in bare.page.evaluate(f"Excel.run(async (context) => {{ {code}; }}).catch((error) => error.message)")
    assert fault in bare.page.evaluate("hostState.faults.splice(0)")[0]


@pytest.fixture(scope="module")
def bare(server: Any, chromium: Any, sound: Any) -> Iterator[Pane]:
    with opened(chromium, server.url, sound) as pane:
        yield pane
