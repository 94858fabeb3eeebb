"""Every entry is judged, all files at once; each finding names its cell; rows are accounted for."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import i18n, periods, plan
from sync.checks import legacy, rules
from sync.checks.catalogue import wording
from sync.checks.context import Context
from sync.checks.judging import Judgement, judge
from sync.expression.mask import Rows
from sync.intake.reading import Observation, Reading, Value
from sync.plan import CompiledRule, Plan
from sync.schools import School, Schools
from tests.checks.readings import cell, reading, without_column, without_row

Cells = dict[tuple[str, str, str], Value]

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PLAN = plan.load("thu-thua-2020-2025")
SCHOOLS = Schools(
    (
        School("TH01", "Trường Tiểu học Hoa Sen", "TH"),
        School("MN01", "Trường Mầm non Hoa Mai", "MN-MG"),
        School("TH09", "Trường Tiểu học Hoa Cúc", "TH", closed_on=date(2024, 6, 30)),
    )
)
CONTEXT = Context(PLAN, periods.proposed(PLAN, ZONE), SCHOOLS, lambda reading: reading.seal == "sealed")


def sound_cells(plan: Plan = PLAN) -> Cells:
    """A report in which nothing is wrong: nothing was done, and the school has people."""
    cells: Cells = {}
    for row in plan.tables["activities"].rows:
        cells["activities", row.code, "status"] = "Chưa thực hiện"
    for row in plan.tables["targets"].rows:
        cells["targets", row.code, "result"] = "Chưa đạt"
        cells["targets", row.code, "reason"] = "Trường mới bắt đầu triển khai"
    for row in plan.tables["duties"].rows:
        cells["duties", row.code, "status"] = "Đang thực hiện"
    for row in plan.tables["statistics"].rows:
        cells["statistics", row.code, "total"] = {"A.1": 10, "A.2": 300, "A.3": 20}.get(row.code, 0)
    return cells


def report(changes: Cells | None = None, **identity: Any) -> Reading:
    return reading(PLAN, {**sound_cells(), **(changes or {})}, **{"seal": "sealed", **identity})


def found(judgement: Judgement) -> list[tuple[str, str | None]]:
    return list(zip(judgement.findings["code"], judgement.findings["cell"], strict=True))


def verdict(*readings: Reading) -> Judgement:
    return judge(list(readings), CONTEXT)


def at(table: str, row: str, column: str) -> str:
    return cell(PLAN, table, row, column)


def test_a_sound_report_is_accepted_and_nothing_is_said() -> None:
    judgement = verdict(report())
    assert found(judgement) == []
    assert judgement.receipts.iloc[0].to_dict() == {
        "status": "accepted",
        "rows_read": 49,
        "rows_accepted": 49,
        "rows_rejected": 0,
        "rows_blank": 0,
        "errors": 0,
        "warnings": 0,
    }


I1 = ("activities", "I.1")
DONE: Cells = {
    (*I1, "status"): "Hoàn thành",
    (*I1, "started_on"): date(2024, 10, 1),
    (*I1, "finished_on"): date(2024, 12, 1),
    (*I1, "sessions"): 3,
    (*I1, "children"): 300,
    (*I1, "staff"): 20,
    (*I1, "parents"): 600,
    (*I1, "evidence"): "KH 12/KH-TH ngày 05/10/2024",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({(*I1, "finished_on"): None}, [("done-needs-finish", "finished_on")]),
        ({(*I1, "evidence"): None}, [("done-needs-evidence", "evidence")]),
        ({(*I1, "started_on"): None}, [("started-needs-start", "started_on")]),
        ({(*I1, "status"): "Đang thực hiện"}, [("finish-needs-done", "status")]),
        ({(*I1, "started_on"): date(2024, 12, 2)}, [("start-after-finish", "finished_on")]),
        ({(*I1, "finished_on"): date(2025, 1, 18)}, [("finish-in-period", "finished_on")]),
        (
            {(*I1, "started_on"): date(2025, 1, 18), (*I1, "finished_on"): None, (*I1, "status"): "Đang thực hiện"},
            [("start-in-period", "started_on")],
        ),
        ({(*I1, "children"): 301}, [("children-within-school", "children")]),
        ({(*I1, "staff"): 21}, [("staff-within-school", "staff")]),
        ({(*I1, "parents"): 601}, [("parents-within-school", "parents")]),
        ({(*I1, "sessions"): None}, [("people-need-sessions", "sessions")]),
        ({(*I1, "sessions"): -1}, [("too-small", "sessions")]),
        ({(*I1, "sessions"): 1001}, [("too-great", "sessions")]),
        ({(*I1, "started_on"): date(2020, 6, 21)}, [("too-small", "started_on")]),
        ({(*I1, "evidence"): "x" * 301}, [("text-too-long", "evidence")]),
        ({(*I1, "status"): None}, [("required", "status"), ("finish-needs-done", None)][:1]),
    ],
)
def test_a_mistake_in_a_row_is_found_in_its_cell(changes: Cells, expected: list[tuple[str, str]]) -> None:
    judgement = verdict(report({**DONE, **changes}))
    assert found(judgement) == [(code, at(*I1, column)) for code, column in expected]
    errors = [code for code, _cell in expected if code != "people-need-sessions"]
    assert judgement.receipts["status"].iloc[0] == ("to_mend" if errors else "accepted")
    assert judgement.receipts["rows_rejected"].iloc[0] == (1 if errors else 0)


def test_a_blank_figure_of_the_school_lets_rules_that_need_it_wait() -> None:
    judgement = verdict(report({**DONE, ("statistics", "A.2", "total"): None, (*I1, "children"): 9999}))
    assert found(judgement) == [("required", at("statistics", "A.2", "total"))]


def test_a_rule_for_some_rows_is_silent_in_others() -> None:
    judgement = verdict(report({("statistics", "B.1", "total"): 0, ("statistics", "A.1", "total"): 0}))
    assert found(judgement) == [("school-has-people", at("statistics", "A.1", "total"))]


def test_a_closed_cell_is_warned_of_and_counts_for_nothing() -> None:
    judgement = verdict(report({("statistics", "A.1", "female"): 500}))
    assert found(judgement) == [("cell-closed", at("statistics", "A.1", "female"))]
    entries = judgement.entries["statistics"].set_index("row")
    assert entries["female"].isna()["A.1"]
    assert judgement.receipts["status"].iloc[0] == "accepted"


def test_of_a_closed_cell_only_that_is_said_whatever_stands_in_it() -> None:
    spoilt = report()
    place = at("statistics", "A.1", "female")
    spoilt.observations.append(Observation("not-a-number", "statistics", "Số liệu", place, "A.1", "female", "x"))
    assert found(verdict(spoilt)) == [("cell-closed", place)]


def test_rows_of_other_levels_are_not_asked_for_and_not_taken() -> None:
    blank: Cells = {("activities", "IV.4", "status"): None}
    assert found(verdict(report(blank, school="MN01"))) == []
    assert verdict(report(blank, school="MN01")).receipts["rows_read"].iloc[0] == 48
    assert found(verdict(report(blank))) == [("required", at("activities", "IV.4", "status"))]
    filled = verdict(report(school="MN01"))
    assert found(filled) == [("row-not-for-level", at("activities", "IV.4", "status"))]


def test_without_schools_a_row_for_some_levels_may_be_filled_or_not() -> None:
    anywhere = Context(PLAN, CONTEXT.periods)
    blank = report({("activities", "IV.4", "status"): None}, school="whoever", seal=None)
    assert found(judge([blank, report()], anywhere)) == []


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({"school": "XX99"}, "unknown-school"),
        ({"school": "TH09"}, "closed-school"),
        ({"period": "2031-2032/HK1"}, "unknown-period"),
        ({"period": "2024/NAM"}, "unknown-period"),
        ({"seal": "forged"}, "broken-seal"),
        ({"school": None}, "no-identity"),
        ({"period": None}, "no-identity"),
    ],
)
def test_a_file_that_is_nobodys_report_is_refused(identity: dict[str, Any], code: str) -> None:
    judgement = verdict(report(**identity))
    assert found(judgement) == [(code, None)]
    assert judgement.receipts["status"].iloc[0] == "refused"


def test_an_empty_workbook_is_no_report_and_says_only_that() -> None:
    judgement = verdict(reading(PLAN, {}, seal="sealed"))
    assert found(judgement) == [("empty-report", None)]
    row = judgement.receipts.iloc[0]
    assert (row["status"], row["rows_read"], row["rows_blank"]) == ("refused", 49, 49)


def test_a_refused_file_keeps_what_the_reader_said() -> None:
    refused = Reading(refused=True, observations=[Observation("damaged")])
    judgement = verdict(refused, report())
    assert found(judgement) == [("damaged", None)]
    assert list(judgement.receipts["status"]) == ["refused", "accepted"]


def test_an_unreadable_cell_is_filled_and_unknown() -> None:
    spoilt = report({**DONE, (*I1, "finished_on"): None})
    spoilt.observations.append(
        Observation("not-a-date", "activities", "Phụ lục", at(*I1, "finished_on"), "I.1", "finished_on", "31/02/2024")
    )
    judgement = verdict(spoilt)
    assert found(judgement) == [("not-a-date", at(*I1, "finished_on"))]
    assert judgement.receipts["rows_rejected"].iloc[0] == 1


def test_cells_of_a_missing_column_are_not_complained_of_one_by_one() -> None:
    spoilt = without_column(report(), PLAN, "activities", "status")
    spoilt.observations.append(Observation("column-missing", "activities", "Phụ lục", params=(("heading", "x"),)))
    assert found(verdict(spoilt)) == [("column-missing", None)]


def test_stray_rows_are_read_and_rejected() -> None:
    spoilt = without_row(report(), "activities", "I.1")
    spoilt.observations.append(
        Observation("row-unknown", "activities", "Phụ lục", "A40", "I.99", params=(("row", "I.99"),))
    )
    spoilt.observations.append(
        Observation("row-missing", "activities", "Phụ lục", None, "I.1", params=(("row", "I.1"),))
    )
    row = verdict(spoilt).receipts.iloc[0]
    assert (row["rows_read"], row["rows_rejected"], row["rows_accepted"]) == (49, 1, 48)


def test_many_files_are_judged_at_once_and_each_gets_its_own() -> None:
    wrong = report({**DONE, (*I1, "finished_on"): None})
    judgement = verdict(report(), wrong, report(school="MN01"), wrong)
    assert list(judgement.findings["receipt"]) == [1, 2, 3]
    assert list(judgement.receipts["status"]) == ["accepted", "to_mend", "to_mend", "to_mend"]


def test_findings_stand_in_the_order_of_sheets_rows_and_columns() -> None:
    spoilt = report(
        {
            ("statistics", "A.1", "total"): -1,
            ("activities", "II.1", "status"): None,
            ("activities", "I.2", "status"): None,
            ("targets", "CT.1", "result"): None,
        }
    )
    cells = [place for _code, place in found(verdict(spoilt))]
    assert cells[:3] == [
        at("activities", "I.2", "status"),
        at("activities", "II.1", "status"),
        at("targets", "CT.1", "result"),
    ]


def test_nothing_to_judge_is_judged() -> None:
    judgement = verdict()
    assert len(judgement.receipts) == len(judgement.findings) == 0


values = st.sampled_from(
    [None, "Hoàn thành", "Chưa thực hiện", "Không áp dụng", "Đạt", date(2024, 10, 1), date(2025, 3, 1), -1, 0, 7, 10**7]
)


def fits(kind: str, value: Value) -> bool:
    return value is None or {"date": date, "whole": int}.get(kind, str) is type(value)


@settings(max_examples=40)
@given(st.data())
def test_rows_are_always_accounted_for_and_every_wording_is_complete(data: st.DataObject) -> None:
    readings = []
    for _file in range(3):
        changes: Cells = {}
        for table in PLAN.all_tables:
            for row in table.rows:
                for column in table.columns:
                    value = data.draw(values)
                    if fits(column.kind, value):
                        changes[table.id, row.code, column.id] = value
        readings.append(report(changes, school=data.draw(st.sampled_from(["TH01", "MN01", "ZZ"]))))
    judgement = verdict(*readings)
    rows = judgement.receipts
    assert (rows["rows_read"] == rows["rows_accepted"] + rows["rows_rejected"] + rows["rows_blank"]).all()
    assert (rows[["rows_accepted", "rows_rejected", "rows_blank"]] >= 0).all(axis=None)
    for language in i18n.LANGUAGES:
        with i18n.using(language):
            for code, params in zip(judgement.findings["code"], judgement.findings["params"], strict=True):
                message, fix = wording(code, params, PLAN)
                assert message
                assert fix
                assert "{" not in message + fix


def test_a_rule_that_crashes_is_our_fault_and_marks_no_school(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rules.fires

    def broken(compiled: CompiledRule, rows: Rows) -> np.ndarray:
        if compiled.rule.id == "done-needs-finish":
            raise ZeroDivisionError("a mistake")
        return whole(compiled, rows)

    monkeypatch.setattr(rules, "fires", broken)
    judgement = verdict(report({**DONE, (*I1, "finished_on"): None, (*I1, "evidence"): None}))
    assert found(judgement) == [("done-needs-evidence", at(*I1, "evidence"))]
    assert [failure.check for failure in judgement.failures] == ["done-needs-finish"]
    assert "done-needs-finish" in str(judgement.failures[0])
    assert "a mistake" in judgement.failures[0].traceback


def test_free_text_is_screened_and_its_value_is_never_repeated() -> None:
    results = (*I1, "results")
    judgement = verdict(report({**DONE, results: "Em Nguyễn Văn Bê lớp 5A bị bạn đánh"}))
    assert found(judgement) == [("private-data", at(*results))]
    assert "Nguyễn" not in judgement.findings.to_csv()
    assert judgement.receipts["status"].iloc[0] == "accepted"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nhµ tr­êng ®· tæ chøc tuyªn truyÒn cho häc sinh", "legacy-font"),
        ("Đã tổ\u200b chức", "hidden-characters"),
        ("Ðã tổ chức theo kế hoạch", "look-alike-letters"),
    ],
)
def test_how_a_text_is_written_is_looked_at(text: str, code: str) -> None:
    assert found(verdict(report({**DONE, (*I1, "results"): text}))) == [(code, at(*I1, "results"))]


def test_a_name_in_an_old_font_is_no_less_a_name_and_its_reading_is_not_told() -> None:
    text = legacy.typed_in("Em Nguyễn Văn Bê lớp 5A bị bạn đánh ở sân trường", "TCVN3")
    judgement = verdict(report({**DONE, (*I1, "results"): text}))
    assert {code for code, _cell in found(judgement)} == {"legacy-font", "private-data"}
    assert "Nguyễn" not in judgement.findings.to_csv()


@pytest.mark.parametrize(
    "text",
    [
        f"Ðã tổ chức {'các buổi tuyên truyền cho học sinh toàn trường, ' * 8}em Nguyễn Văn Bê lớp 5A bị bạn đánh",
        "Em Nguy\u200bễn Văn B\u200bê l\u200bớp 5\u200bA bị bạn đánh",
    ],
    ids=["far-behind-a-look-alike", "among-hidden-characters"],
)
def test_a_doubtful_letter_hides_no_child_however_long_the_text(text: str) -> None:
    judgement = verdict(report({**DONE, (*I1, "results"): text}))
    assert "private-data" in {code for code, _cell in found(judgement)}
    assert judgement.receipts["status"].iloc[0] == "accepted"
    assert "Nguyễn" not in judgement.findings.to_csv()
