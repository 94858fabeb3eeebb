"""The Apps Script in macros/google, in Node under a strict stub of Google's services. No test here needs Google."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sync.outputs import layout as at
from tests.addin.google_script import (
    CALL,
    HERE,
    KEY,
    META,
    NO,
    OK,
    SCRIPT,
    STANDING,
    YES,
    Answer,
    StandIn,
    node,
    run,
    stand_in,
    started,
    told,
)
from tests.fakes.libreoffice import skip_or_fail

TABLE = "Phụ lục"
INCLUDE = ["_meta", "Thông tin", TABLE, at.FINDINGS_SHEET]
DATE = "2025-01-17T00:00:00.000Z"


def book(**changes: dict[str, Any]) -> dict[str, Any]:
    """A small spreadsheet: guide, `_meta` (hidden), information, one table, `Kiểm tra`; `changes` by sheet."""
    findings = [["", ""], ["", "Đã nhận lúc 08:00."], *[[""] * 7] * 10, list(at.FINDINGS_HEADINGS)]
    sheets: dict[str, dict[str, Any]] = {
        at.GUIDE_SHEET: {"values": [["Đọc trước khi điền"]]},
        "_meta": {"values": [["school", "TH01"]], "hidden": True},
        "Thông tin": {"values": [["Mã trường", "TH01"]]},
        TABLE: {"values": [["Mã", "Ngày", "Số", "Có"], ["I.1", DATE, 4.5, True], ["I.2", "#N/A", "98,5", ""]]},
        at.FINDINGS_SHEET: {"values": findings},
    }
    named = [{"name": name, **sheet, **changes.get(name, {})} for name, sheet in sheets.items()]
    return {"timeZone": "Asia/Ho_Chi_Minh", "sheets": named}


def action(values: Sequence[Sequence[Any]], row: int, column: int, **changes: Any) -> dict[str, Any]:
    """A setValues of xlwings on `Kiểm tra`, from a row and column counted from 0; `Kiểm tra` was sent as the fourth."""
    place = {"sheet_position": 3, "start_row": row, "start_column": column}
    size = {"row_count": len(values), "column_count": len(values[0])}
    return {"func": "setValues", "args": [None], "values": values, **place, **size, **changes}


def verdict(findings: Sequence[Sequence[str]], receipt: Sequence[str] = ("", "")) -> Answer:
    """An answer as the real server gives it: both lines of the receipt, and all 200 rows of findings."""
    rows = [*findings, *[[""] * 7] * (at.FINDINGS_ROWS - len(findings))]
    lines = action([[line] for line in receipt], at.RECEIPT_FIRST_ROW, at.FINDINGS_SEVERITY_COLUMN)
    return Answer(body={"actions": [lines, action(rows, at.FINDINGS_FIRST_ROW, 0)]})


def finding(severity: str, sheet: str, cell: str, message: str = "Sai.", value: str = "") -> list[str]:
    """A row of findings."""
    return [f"{sheet}!{cell}", severity, sheet, cell, value, message, "Sửa lại."]


WARNING = finding("Cảnh báo", TABLE, "B2")
ERROR = finding("Lỗi", TABLE, "C3", "Số không đúng.")
OTHERS = finding("Lỗi", "", "")


@pytest.fixture(scope="module", autouse=True)
def _node() -> Iterator[None]:
    with started():
        yield


@pytest.fixture
def server() -> Iterator[StandIn]:
    with stand_in(INCLUDE, {CALL + "check": verdict([WARNING, ERROR])}) as found:
        yield found


def written(happened: dict[str, Any]) -> set[str]:
    return {sheet for sheet, _row, _column in happened["written"]}


# What travels -------------------------------------------------------------------------------------------------------


def test_the_menu_calls_functions_that_are_there(server: StandIn) -> None:
    happened = run("onOpen", book(), server.url)
    assert happened["error"] is None
    assert [caption for _menu, caption, _name in happened["menu"]] == [
        "Kiểm tra",
        "Nộp",
        "Nhập mã truy cập",
        "Quên mã truy cập",
    ]
    assert {menu for menu, _caption, _name in happened["menu"]} == {"Báo cáo"}
    assert happened["requests"] == []


def test_only_the_sheets_that_the_server_wants_travel_as_typed_values(server: StandIn) -> None:
    happened = run("checkReport", book(), server.url)
    told(happened)
    payload = server.payload
    assert [sheet["name"] for sheet in payload["sheets"]] == INCLUDE
    assert payload["sheets"][2]["values"][1:] == [["I.1", DATE, 4.5, True], ["I.2", "#N/A", "98,5", ""]]
    assert (payload["names"], payload["book"]["name"]) == ([], "baocao")


@pytest.mark.parametrize("day", ["1900-01-04", "1945-09-02", "2024-03-10", "2024-11-03", "2025-06-01"])
def test_a_date_is_the_one_that_the_spreadsheet_shows_wherever_the_script_runs(server: StandIn, day: str) -> None:
    shown = f"{day}T07:30:00.000Z"
    told(run("checkReport", book(**{TABLE: {"values": [["Mã", shown]]}}), server.url))
    assert server.payload["sheets"][2]["values"] == [["Mã", shown]]


def test_the_version_is_that_of_the_server_so_that_an_update_there_breaks_no_spreadsheet(server: StandIn) -> None:
    told(run("checkReport", book(), server.url))
    assert (server.payload["client"], server.payload["version"]) == ("Google Apps Script", "9.9.9")
    server.answers[STANDING] = Answer(body={"name": "Hoa Sen"})
    told(run("checkReport", book(), server.url))
    xlwings = pytest.importorskip("xlwings")
    assert server.payload["version"] == xlwings.__version__


def test_the_key_travels_in_the_header_alone(server: StandIn) -> None:
    told(run("checkReport", book(), server.url))
    assert {headers["authorization"] for _method, _path, headers, _payload in server.asked} == {KEY}
    assert KEY not in json.dumps([(path, payload) for _method, path, _headers, payload in server.asked])


@pytest.mark.parametrize("name", [unicodedata.normalize("NFD", TABLE), f" {TABLE.upper()}\u00a0"])
def test_a_sheet_whose_name_was_typed_in_other_letters_travels_too(server: StandIn, name: str) -> None:
    changed = book()
    changed["sheets"][3]["name"] = name
    told(run("checkReport", changed, server.url))
    assert len(server.payload["sheets"]) == 4


def test_a_sheet_that_is_far_too_large_is_not_even_read(server: StandIn) -> None:
    assert "quá lớn" in told(run("checkReport", book(**{TABLE: {"rows": 1_000_000}}), server.url))
    assert [path for _method, path, _headers, _payload in server.asked] == [STANDING, META]


# What is written ----------------------------------------------------------------------------------------------------


def test_the_verdict_goes_into_its_sheet_and_the_first_error_is_selected(server: StandIn) -> None:
    server.answers[CALL + "check"] = verdict([WARNING, OTHERS, ERROR], ("Đã xem lúc 09:00.", "Chưa đạt."))
    before = book()
    happened = run("checkReport", before, server.url)
    text = told(happened)
    assert written(happened) == {at.FINDINGS_SHEET}
    assert happened["sheets"][at.FINDINGS_SHEET][13:17] == [WARNING, OTHERS, ERROR, [""] * 7]
    assert [row[1] for row in happened["sheets"][at.FINDINGS_SHEET][1:3]] == ["Đã xem lúc 09:00.", "Chưa đạt."]
    assert happened["active"] == f"{TABLE}!3,3"
    assert text.splitlines() == [
        "Đã xem lúc 09:00.",
        "Chưa đạt.",
        "• Lỗi: Sai. Sửa lại.",
        f"• Lỗi ở {TABLE}, ô C3: Số không đúng. Sửa lại.",
        f"• Cảnh báo ở {TABLE}, ô B2: Sai. Sửa lại.",
        "Kết quả đầy đủ ở sheet “Kiểm tra”.",
    ]
    assert not happened["locked"]


def test_without_errors_the_first_warning_is_selected_and_without_any_nothing(server: StandIn) -> None:
    server.answers[CALL + "check"] = verdict([WARNING])
    assert run("checkReport", book(), server.url)["active"] == f"{TABLE}!2,2"
    server.answers[CALL + "check"] = verdict([])
    happened = run("checkReport", book(), server.url)
    assert (happened["active"], told(happened)) == (None, "Không có lỗi.")


def test_a_long_list_is_cut_in_the_dialog_and_whole_in_the_sheet(server: StandIn) -> None:
    many = [finding("Lỗi", TABLE, f"C{row}") for row in range(2, 202)]
    server.answers[CALL + "check"] = verdict(many)
    happened = run("checkReport", book(), server.url)
    lines = told(happened).splitlines()
    assert (lines[0], lines[-2], len(lines)) == ("200 lỗi, 0 cảnh báo.", "… và 192 mục nữa.", 11)
    assert happened["sheets"][at.FINDINGS_SHEET][at.FINDINGS_FIRST_ROW :] == many
    locked = told(run("checkReport", book(**{at.FINDINGS_SHEET: {"protected": True}}), server.url))
    assert "… và 180 mục nữa." in locked


@pytest.mark.parametrize("place", [("_meta", "A1"), ("Không có", "A1"), (TABLE, "A1:B2"), (TABLE, "=A1"), ("", "")])
def test_a_place_that_cannot_be_shown_is_passed_over(server: StandIn, place: tuple[str, str]) -> None:
    server.answers[CALL + "check"] = verdict([finding("Lỗi", *place), ERROR])
    happened = run("checkReport", book(), server.url)
    told(happened)
    assert happened["active"] == f"{TABLE}!3,3"


NASTY = [
    '=HYPERLINK("https://x.example/?"&A1;"Bấm")',
    "=1+1",
    "+84 912",
    "-5+A1",
    "@SUM(A1)",
    " =1+1",
    "\t=1+1",
    "\n+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\u00a0=1+1",
]


def test_texts_of_schools_stay_texts(server: StandIn) -> None:
    rows = [finding("Lỗi", TABLE, "C3", message=text, value=text) for text in NASTY]
    server.answers[CALL + "check"] = verdict(rows, (NASTY[0], "=1"))
    happened = run("checkReport", book(), server.url)
    told(happened)
    assert happened["formulas"] == 0
    assert happened["sheets"][at.FINDINGS_SHEET][13 : 13 + len(NASTY)] == rows


def test_a_text_that_the_server_has_made_one_already_is_not_changed_again(server: StandIn) -> None:
    server.answers[CALL + "check"] = verdict([finding("Lỗi", TABLE, "C3", message="'=1+1")])
    happened = run("checkReport", book(), server.url)
    assert happened["sheets"][at.FINDINGS_SHEET][13][5] == "=1+1"
    assert "ô C3: =1+1" in told(happened)


def test_a_cell_that_became_a_formula_all_the_same_is_emptied(tmp_path: Path, server: StandIn) -> None:
    shutil.copytree(SCRIPT, tmp_path / "google")
    file = tmp_path / "google" / "Verdict.gs"
    kept = "range.setValues(values.map((each) => each.map(asText_)));"
    text = file.read_text(encoding="utf-8")
    assert kept in text
    file.write_text(text.replace(kept, "range.setValues(values);"), encoding="utf-8")
    server.answers[CALL + "check"] = verdict([finding("Lỗi", TABLE, "C3", message="=1+1")])
    happened = run("checkReport", book(), server.url, folder=tmp_path / "google")
    told(happened)
    assert happened["formulas"] == 0
    assert happened["sheets"][at.FINDINGS_SHEET][13][5] == ""


@pytest.mark.parametrize(
    "asked",
    [
        action([["x"]], 13, 0, sheet_position=2),
        action([["x"]], 13, 0, sheet_position=4),
        action([["x"]], 13, 0, sheet_position=-1),
        action([["x"]], 13, 0, sheet_position=None),
        action([["x"]], 3, 1),
        action([["x"]] * 2, 12, 0),
        action([["x"]] * 201, 13, 0),
        action([["x"] * 8], 13, 0),
        action([["x"]], 13, -1),
        action([["x"]], 13, 0, row_count=2),
        action([[]], 13, 0),
        action([["x"]], 13, 0, func="sheetDelete"),
        action([["x"]], 13, 0, func="runMacro"),
        action([["x"]], 13, 0, func="__proto__"),
        {**action([["x"]], 13, 0), "values": None},
    ],
)
def test_an_answer_that_asks_for_anything_else_is_refused_as_a_whole(server: StandIn, asked: dict[str, Any]) -> None:
    good = action([["Lỗi"]], 13, 1)
    server.answers[CALL + "check"] = Answer(body={"actions": [good, asked]})
    happened = run("checkReport", book(), server.url)
    assert "khác với mong đợi" in told(happened)
    assert happened["written"] == []


def test_where_the_sheet_is_locked_the_dialog_says_everything(server: StandIn) -> None:
    happened = run("checkReport", book(**{at.FINDINGS_SHEET: {"protected": True}}), server.url)
    text = told(happened)
    assert "Số không đúng." in text
    assert "đang bị khoá" in text
    assert happened["active"] == f"{TABLE}!3,3"


def test_a_sheet_that_was_deleted_meanwhile_is_told_too(server: StandIn) -> None:
    text = told(run("checkReport", book(), server.url, before_answer=[[at.FINDINGS_SHEET]]))
    assert "Số không đúng." in text
    assert "đã bị xoá" in text


def test_what_is_cleared_is_blank_and_what_only_moves_the_selection_is_passed_over(server: StandIn) -> None:
    cleared = {**action([[""] * 7], 13, 0, func="rangeClearContents"), "values": None}
    moved = [{"func": "activateSheet", "args": [0]}, {"func": "rangeSelect", "sheet_position": 0}]
    server.answers[CALL + "check"] = Answer(body={"actions": [cleared, *moved, action([[None, "Đạt."]], 1, 1)]})
    changed = book()
    changed["sheets"][4]["values"] += [WARNING]
    happened = run("checkReport", changed, server.url)
    assert (told(happened), happened["active"]) == ("Không có lỗi.", None)
    assert happened["sheets"][at.FINDINGS_SHEET][13] == [""] * 7
    assert happened["sheets"][at.FINDINGS_SHEET][1][1:] == ["", "Đạt."]


def test_what_was_edited_meanwhile_is_said(server: StandIn) -> None:
    edited = run("checkReport", book(), server.url, before_answer=[[TABLE, 2, 3, 5]])
    assert "đã được sửa trong lúc chờ" in told(edited)
    assert edited["sheets"][TABLE][1][2] == 5
    verdict_of_a_pass = [[at.FINDINGS_SHEET, 2, 2, "Đã nhận lúc 08:01."]]
    assert "đã được sửa" not in told(run("checkReport", book(), server.url, before_answer=verdict_of_a_pass))


# What goes wrong ----------------------------------------------------------------------------------------------------

PAGE = "<!DOCTYPE html><html><body>Bad Gateway</body></html>"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(401, {"detail": "Mã này đã bị thu hồi."}), ["Mã này đã bị thu hồi.", "Nhập mã truy cập"]),
        (Answer(401, PAGE), ["không đúng hoặc đã bị thu hồi", "Nhập mã truy cập"]),
        (Answer(403, {"detail": "Báo cáo của trường khác."}), ["Báo cáo của trường khác."]),
        (Answer(403, PAGE), ["của một trường khác"]),
        (Answer(409, {"detail": "Kỳ này đã niêm phong."}), ["Kỳ này đã niêm phong."]),
        (Answer(413, PAGE), ["quá lớn"]),
        (Answer(422, {"detail": [{"msg": "x"}]}), ["mã 422"]),
        (Answer(429, {"detail": 5}), ["Thử lại sau một phút"]),
        (Answer(500, {"detail": "Lỗi"}), ["Lỗi"]),
        (Answer(502, PAGE), ["mã 502"]),
        (Answer(503, PAGE), ["tạm nghỉ"]),
        (Answer(200, PAGE), ["mã 200"]),
        (Answer(200, "null"), ["mã 200"]),
        (Answer(200, '"actions"'), ["mã 200"]),
        (Answer(200, {"actions": "x"}), ["mã 200"]),
        (Answer(200, {}), ["mã 200"]),
        (Answer(302, "", {"Location": STANDING}), ["mã 302"]),
    ],
    ids=lambda value: f"{value.status}" if isinstance(value, Answer) else "",
)
def test_a_refusal_is_told_in_words_and_nothing_is_written(server: StandIn, answer: Answer, words: list[str]) -> None:
    server.answers[CALL + "check"] = answer
    happened = run("checkReport", book(), server.url)
    text = told(happened)
    for word in words:
        assert word in text
    assert "<" not in text
    assert (happened["written"], happened["active"], happened["locked"]) == ([], None, False)


def test_a_long_refusal_with_control_characters_is_one_line_of_bearable_length(server: StandIn) -> None:
    server.answers[CALL + "check"] = Answer(409, {"detail": "a\u0000\n\u001bb" + "x" * 5000})
    text = told(run("checkReport", book(), server.url))
    assert text.startswith("a bx")
    assert len(text) == 501


def test_a_server_that_is_not_there_is_told(server: StandIn) -> None:
    text = told(run("checkReport", book(), "http://127.0.0.1:9"))
    assert text.startswith("Không liên lạc được với máy chủ")
    assert KEY not in text


def test_a_server_that_does_not_answer_in_time_is_told(server: StandIn) -> None:
    server.answers[CALL + "check"] = Answer(wait=threading.Event())
    happened = run("checkReport", book(), server.url, seconds=0.3)
    assert "Timeout" in told(happened)
    assert happened["locked"] is False


def test_a_redirection_is_not_followed_so_the_key_goes_nowhere_else() -> None:
    with stand_in(INCLUDE, {}) as other:
        answers = {STANDING: Answer(302, "", {"Location": other.url + STANDING})}
        with stand_in(INCLUDE, answers) as server:
            assert "mã 302" in told(run("checkReport", book(), server.url))
        assert other.asked == []


@pytest.mark.parametrize("body", ["null", '"x"', "5", "true", PAGE, ""])
def test_an_answer_about_the_standing_that_is_none_is_not_taken_for_one(server: StandIn, body: str) -> None:
    server.answers[STANDING] = Answer(body=body)
    happened = run("enterKey", book(), server.url, key=None, answers=[{**OK, "text": KEY}])
    assert "mã 200" in told(happened)
    assert happened["properties"] == {}


@pytest.mark.parametrize("include", ["", None, " , "])
def test_where_the_server_does_not_say_which_sheets_nothing_is_sent(server: StandIn, include: str | None) -> None:
    server.answers[META] = Answer(body=[{"function_name": "check", "include": include}, None])
    assert "mã 200" in told(run("checkReport", book(), server.url))
    assert [path for _method, path, _headers, _payload in server.asked] == [STANDING, META]


def test_a_script_without_an_address_says_so_and_sends_nothing(server: StandIn) -> None:
    happened = run("checkReport", book(), server.url, is_set_up=False)
    assert "Chưa cài đặt địa chỉ máy chủ" in told(happened)
    assert happened["requests"] == []


def test_two_at_once_do_not_disturb_each_other(server: StandIn) -> None:
    happened = run("checkReport", book(), server.url, busy=True)
    assert "ở một cửa sổ khác" in told(happened)
    assert CALL + "check" not in [path for _method, path, _headers, _payload in server.asked]


# Handing in ---------------------------------------------------------------------------------------------------------


def test_handing_in_asks_first_with_school_period_and_due_date(server: StandIn) -> None:
    happened = run("submitReport", book(), server.url, answers=[NO])
    question = told(happened)
    for word in ("Hoa Sen", "Học kỳ I", "23:59 ngày 22/01/2025", "chưa nộp"):
        assert word in question
    assert [path for _method, path, _headers, _payload in server.asked] == [STANDING]


def test_handing_in_sends_once_under_the_lock_and_shows_the_confirmation(server: StandIn) -> None:
    server.answers[CALL + "submit"] = verdict([], ("Đã nhận lúc 09:00.", "Đạt."))
    happened = run("submitReport", book(), server.url, answers=[YES])
    assert told(happened) == "Đã nhận lúc 09:00.\nĐạt."
    calls = [each for each in happened["requests"] if CALL in each["url"]]
    assert [(each["url"].rsplit("/")[-1], each["locked"]) for each in calls] == [("submit", True)]


@pytest.mark.parametrize("fault", ["an error's page", "another's page", "silence"])
def test_where_nobody_knows_whether_it_arrived_one_is_told_to_do_it_again(server: StandIn, fault: str) -> None:
    answers = {"an error's page": Answer(502, PAGE), "another's page": Answer(200, PAGE)}
    server.answers[CALL + "submit"] = answers.get(fault) or Answer(wait=threading.Event())
    text = told(run("submitReport", book(), server.url, answers=[YES], seconds=20 if fault in answers else 0.3))
    assert "Chưa biết báo cáo đã tới nơi hay chưa" in text


@pytest.mark.parametrize("status", [409, 500, 503])
def test_a_refusal_in_the_servers_own_words_is_certain(server: StandIn, status: int) -> None:
    server.answers[CALL + "submit"] = Answer(status, {"detail": "Kỳ này đã niêm phong."})
    assert told(run("submitReport", book(), server.url, answers=[YES])) == "Kỳ này đã niêm phong."


def test_a_version_that_waits_already_is_said_before_another_is_handed_in(server: StandIn) -> None:
    standing = {"name": "Hoa Sen", "handed_in_at": "2025-01-18T09:00:00+07:00"}
    server.answers[STANDING] = Answer(body=standing)
    assert "Đã nộp một bản lúc 09:00 ngày 18/01/2025" in told(run("submitReport", book(), server.url, answers=[NO]))


# The key ------------------------------------------------------------------------------------------------------------


def test_a_key_is_asked_for_once_and_kept_with_the_user(server: StandIn) -> None:
    happened = run(["checkReport", "checkReport"], book(), server.url, key=None, answers=[{**OK, "text": f" {KEY}\n"}])
    told(happened)
    assert happened["properties"] == {"baocao-key": KEY}
    assert [each["kind"] for each in happened["said"]] == ["PROMPT", "OK", "OK", "OK"]
    assert "Hoa Sen" in happened["said"][1]["text"]
    assert KEY not in json.dumps([happened["sheets"], happened["said"]])


def test_whoever_does_not_give_a_key_sends_nothing(server: StandIn) -> None:
    happened = run("submitReport", book(), server.url, key=None, answers=[{"button": "CANCEL", "text": KEY}])
    assert (happened["error"], happened["properties"], server.asked) == (None, {}, [])


def test_signs_that_copying_adds_to_a_key_are_no_part_of_it(server: StandIn) -> None:
    typed = f"\ufeff {KEY[:20]}\u200b{KEY[20:]}\n"
    happened = run("enterKey", book(), server.url, key=None, answers=[{**OK, "text": typed}])
    assert happened["properties"] == {"baocao-key": KEY}


@pytest.mark.parametrize("typed", ["TH01", KEY[:-1], KEY + "\r\nX-Other: 1", KEY.replace("_", "é"), ""])
def test_what_is_no_key_is_neither_sent_nor_kept(server: StandIn, typed: str) -> None:
    happened = run("enterKey", book(), server.url, key=None, answers=[{**OK, "text": typed}])
    assert "không đúng dạng" in told(happened)
    assert (happened["properties"], server.asked) == ({}, [])


def test_a_key_that_the_server_refuses_is_not_kept_and_the_old_one_stays(server: StandIn) -> None:
    server.answers[STANDING] = Answer(401, {"detail": "Mã sai."})
    other = KEY[:-3] + "zzz"
    happened = run("enterKey", book(), server.url, answers=[{**OK, "text": other}])
    assert told(happened).startswith("Mã sai.")
    assert happened["properties"] == {"baocao-key": KEY}


def test_a_forgotten_key_is_gone(server: StandIn) -> None:
    happened = run("forgetKey", book(), server.url)
    assert "Đã quên" in told(happened)
    assert happened["properties"] == {}


# What the script rests on -------------------------------------------------------------------------------------------


def test_the_script_knows_the_places_of_the_template() -> None:
    source = (SCRIPT / "Verdict.gs").read_text(encoding="utf-8")
    constants = dict(re.findall(r'^const ([A-Z_]+) = "?([^";]+)"?;$', source, re.MULTILINE))
    assert constants["FINDINGS_SHEET"] == at.FINDINGS_SHEET
    assert int(constants["RECEIPT_ROW"]) == at.RECEIPT_FIRST_ROW + 1
    assert int(constants["RECEIPT_ROWS"]) == at.RECEIPT_ROWS
    assert int(constants["RECEIPT_COLUMN"]) == at.FINDINGS_SEVERITY_COLUMN + 1
    assert int(constants["FINDINGS_ROW"]) == at.FINDINGS_FIRST_ROW + 1
    assert int(constants["FINDINGS_ROWS"]) == at.FINDINGS_ROWS
    assert int(constants["FINDINGS_COLUMNS"]) == at.FINDINGS_FIX_COLUMN + 1
    assert constants["ERROR_TEXT"] == at.SEVERITY_TEXTS["error"]


def test_the_manifest_asks_for_this_spreadsheet_and_the_one_server_only() -> None:
    manifest = json.loads((SCRIPT / "appsscript.json").read_text(encoding="utf-8"))
    scopes = {scope.removeprefix("https://www.googleapis.com/auth/") for scope in manifest["oauthScopes"]}
    assert scopes == {"spreadsheets.currentonly", "script.external_request"}
    assert manifest["urlFetchWhitelist"] == ["https://baocao.example.edu.vn/"]
    assert manifest["exceptionLogging"] == "NONE"


@pytest.mark.parametrize(
    "line",
    [
        "SpreadsheetApp.getActive().getRangeList2()",
        "SpreadsheetApp.openById('x')",
        "SpreadsheetApp.getActive().getSheets()[0].getDataRange().setValues([[1]])",
        "SpreadsheetApp.getActive().getSheets()[0].name = 'x'",
        "fetch('https://x.example')",
        "UrlFetchApp.fetch('https://x.example/', {})",
        "UrlFetchApp.fetch(SERVER, {method: 'get', timeout: 5})",
    ],
)
def test_the_stub_refuses_what_google_does_not_have(tmp_path: Path, server: StandIn, line: str) -> None:
    shutil.copytree(SCRIPT, tmp_path / "google")
    (tmp_path / "google" / "Zz.gs").write_text(f"function wrong() {{ {line}; }}\n", encoding="utf-8")
    changed = book(**{at.GUIDE_SHEET: {"values": [["a", "b"]]}})
    assert run("wrong", changed, server.url, folder=tmp_path / "google")["error"]
    assert server.asked == []


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where tests/addin/google/install.sh puts Google's types and the compiler, in the versions that are pinned."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = cache / "baocao-tests" / "node_modules"
    for name, version in json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"].items():
        package = found / name / "package.json"
        if not package.is_file() or json.loads(package.read_text(encoding="utf-8"))["version"] != version:
            skip_or_fail(f"{name} {version} is not installed (tests/addin/google/install.sh)")
    return found


def test_the_script_is_right_by_googles_types(tmp_path: Path, modules: Path) -> None:
    names = []
    for file in sorted(SCRIPT.glob("*.gs")):
        names.append(f"{file.stem}.js")
        shutil.copy(file, tmp_path / names[-1])
    options = json.loads((HERE / "tsconfig.json").read_text(encoding="utf-8"))
    options["compilerOptions"]["typeRoots"] = [str(modules / "@types")]
    (tmp_path / "tsconfig.json").write_text(json.dumps({**options, "files": names}), encoding="utf-8")
    compiler = [node(), str(modules / "typescript" / "bin" / "tsc"), "-p", str(tmp_path)]
    done = subprocess.run(compiler, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout


def test_what_the_stub_allows_is_what_googles_types_have(modules: Path) -> None:
    command = [node(), str(HERE / "extract-members.js"), str(modules)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == (HERE / "members.json").read_text(encoding="utf-8")
