"""What a report says: recounted from the schools' entries, and what it says where there are none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from sync.checks.texts import WITHHELD
from sync.config import Office
from sync.consolidate import Facts, consolidate
from sync.reporting import GAP_CLOSES, GAP_OPENS, Masking, Subject, before, names, report_kind
from sync.reporting.masking import FEW, HIDDEN
from sync.reporting.results import results
from tests.outputs.office_facts import OFFICE, ZONE, make_period
from tests.reporting.subjects import HK1, NAM, NOW, REVIEW, facts_of, other, shipped, subject


def with_cells(facts: Facts, table: Any, row: str, **values: Any) -> Facts:
    """`facts` in which every school has these values in a row."""
    entries = facts.entries[table].copy()
    for column, value in values.items():
        entries.loc[entries["row"] == row, column] = value
    return replace(facts, entries={**facts.entries, table: entries})


def digits(value: float) -> str:
    return f"{round(value):,}".replace(",", ".")


def rows(table: Any) -> list[list[str]]:
    return [line["cells"] for line in table["rows"] if line["cells"]]


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list) else []


@pytest.fixture(scope="module")
def facts() -> Facts:
    return facts_of(shipped(), make_period(shipped(), HK1))


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    return names(subject())


@pytest.fixture(scope="module")
def entries(facts: Facts) -> dict[str, list[dict[Any, Any]]]:
    owing = set(facts.standings["code"])
    return {
        str(name): [entry for entry in frame.to_dict("records") if entry["school"] in owing]
        for name, frame in facts.entries.items()
    }


class TestRecount:
    """The figures against a count of the entries, one by one, in plain Python."""

    def test_schools(self, facts: Facts, said: dict[str, Any]) -> None:
        stood = Counter(facts.standings["standing"])
        sentence = said["reporting"]["lines"][0]
        assert f"{len(facts.standings)} trường thuộc diện báo cáo" in sentence
        told = {"on_time": "đúng hạn", "late": "nộp muộn", "to_mend": "đã nộp nhưng", "missing": "chưa nộp"}
        for standing, words in told.items():
            assert (f" {stood[standing]} trường {words}" in sentence) == bool(stood[standing])

    def test_activities(self, entries: dict[str, list[dict[Any, Any]]], facts: Facts, said: dict[str, Any]) -> None:
        levels = {school.code: school.level for school in facts.schools}
        reporting = {school for school in facts.counted["school"] if school in set(facts.standings["code"])}
        plan = shipped().tables["activities"]
        whole: Counter[str] = Counter()
        for line, row in zip(rows(said["appendix"]), plan.rows, strict=True):
            chosen = [entry for entry in entries["activities"] if entry["row"] == row.code]
            stages = Counter(entry["status"] for entry in chosen)
            owed = sum(row.is_for(levels[school]) for school in reporting) - stages["Không áp dụng"]
            share = line[9]
            done = stages["Hoàn thành"]
            assert line[5:9] == [str(n) for n in (owed, done, stages["Đang thực hiện"], stages["Chưa thực hiện"])]
            assert abs(float(share.rstrip("%").replace(",", ".")) - 100 * done / owed) <= 0.05
            sessions = sum(entry["sessions"] for entry in chosen if entry["sessions"] == entry["sessions"])
            assert f"Số buổi: {digits(sessions)};" in line[10]
            whole += Counter(owed=owed, done=done)
        assert f"phải thực hiện {whole['owed']} lượt; hoàn thành {whole['done']} lượt" in said["activities"]["overall"]

    def test_what_goes_well_and_what_lags(self, said: dict[str, Any]) -> None:
        shares = {}
        for line, row in zip(rows(said["appendix"]), shipped().tables["activities"].rows, strict=True):
            shares[row.code] = int(line[6]) / int(line[5])
        well = {line.split(" ")[2] for line in said["activities"]["well"]}
        lagging = {line.split(" ")[2] for line in said["activities"]["lagging"]}
        assert well == {code for code, share in shares.items() if share >= 0.8}
        assert lagging == {code for code, share in shares.items() if share < 0.5}
        assert lagging

    def test_targets(self, entries: dict[str, list[dict[Any, Any]]], said: dict[str, Any]) -> None:
        for line, row in zip(rows(said["targets"]["table"]), shipped().tables["targets"].rows, strict=True):
            chosen = [entry for entry in entries["targets"] if entry["row"] == row.code]
            met = sum(entry["result"] == "Đạt" for entry in chosen)
            sums = [
                sum(entry[name] for entry in chosen if entry[name] == entry[name])
                for name in ("numerator", "denominator")
            ]
            assert line[2] == str(met)
            assert line[4:6] == [digits(value) for value in sums]

    def test_reasons(self, entries: dict[str, list[dict[Any, Any]]], said: dict[str, Any]) -> None:
        unmet = Counter(entry["row"] for entry in entries["targets"] if entry["result"] == "Chưa đạt")
        told = {f"CT.{part['title'].split(' ')[2]}": part["title"] for part in said["unmet"]}
        assert {row: f"{count} trường chưa đạt" for row, count in unmet.items()} == {
            row: title.rsplit(": ", 1)[1] for row, title in told.items()
        }

    def test_statistics(self, entries: dict[str, list[dict[Any, Any]]], said: dict[str, Any]) -> None:
        for line, row in zip(rows(said["statistics"]), shipped().tables["statistics"].rows, strict=True):
            chosen = [entry for entry in entries["statistics"] if entry["row"] == row.code]
            for column, shown in (("total", line[3]), ("female", line[4])):
                total = sum(entry[column] for entry in chosen if entry[column] == entry[column])
                assert shown == ("" if column in row.closed else digits(total))


def test_the_plans_calendar_decides_on_the_kind_of_report() -> None:
    plan = shipped()
    kinds = {key: report_kind(plan, make_period(plan, key)) for key in (HK1, "2024-2025/CN", NAM, "SK-2023", REVIEW)}
    assert kinds == {HK1: "semester", "2024-2025/CN": "semester", NAM: "yearly", "SK-2023": "review", REVIEW: "review"}
    assert report_kind(plan, replace(make_period(plan, HK1), key="2025/DX-01")) == "semester"


def test_a_period_is_compared_with_the_last_one_of_its_kind() -> None:
    from sync.periods import proposed

    plan = shipped()
    periods = proposed(plan, ZONE)

    def earlier(key: str) -> str | None:
        found = before(plan, periods, periods.by_key[key])
        return found.key if found else None

    assert [earlier(key) for key in (HK1, "2024-2025/CN", NAM, REVIEW, "2020-2021/HK1")] == [
        *("2023-2024/HK1", "2023-2024/CN", "2023/NAM", None, None)
    ]


def every_share(facts: Facts) -> Facts:
    """Facts in which no school has done the first activity, one the second and so on."""
    entries = facts.entries["activities"].copy()
    for number, row in enumerate(shipped().tables["activities"].rows):
        places = entries.index[entries["row"] == row.code]
        entries.loc[places, "status"] = "Đang thực hiện"
        entries.loc[places[: number % (len(places) + 1)], "status"] = "Hoàn thành"
    return replace(facts, entries={**facts.entries, "activities": entries})


def test_from_four_fifths_on_it_goes_well_and_below_a_half_it_lags() -> None:
    facts = every_share(facts_of(shipped(), make_period(shipped(), HK1), 12))
    entries = facts.entries["activities"]
    entries = entries[entries["school"].isin(facts.standings["code"])]
    shares = {code: (group["status"] == "Hoàn thành").mean() for code, group in entries.groupby("row")}
    said = results(consolidate(facts), "activities", Masking())
    assert said is not None
    assert {line.split(" ")[2] for line in said["well"]} == {code for code, share in shares.items() if share >= 0.8}
    assert {line.split(" ")[2] for line in said["lagging"]} == {code for code, share in shares.items() if share < 0.5}
    assert {share for share in shares.values() if 0.4 <= share < 0.5}


class TestSeveralPeriods:
    def test_a_school_year_that_is_over_counts_once_with_its_first_semester(self) -> None:
        about = subject(REVIEW)
        assert [span.period.key for span in about.spans] == [f"{year}-{year + 1}/CN" for year in range(2020, 2025)]
        sums = [span.tables["statistics"].sums["total"]["C.2"] for span in about.spans]
        (line,) = [
            cells for cells in rows(names(about)["statistics"]) if cells[1] == "Số vụ bạo lực học đường phát hiện"
        ]
        assert line[3:] == [*(digits(value) for value in sums), digits(sum(sums))]

    def test_a_school_year_without_reports_leaves_the_semester(self) -> None:
        about = subject(NAM, reported=lambda period: period.key != "2023-2024/CN")
        assert [span.period.key for span in about.spans] == ["2023-2024/HK1"]
        assert names(about)["period"]["state_of"] == "học kỳ I năm học 2023-2024"

    def test_what_there_is_on_the_last_day_has_no_sum(self) -> None:
        (line,) = [cells for cells in rows(names(subject(REVIEW))["statistics"]) if cells[1] == "Số trẻ em, học sinh"]
        assert line[-1] == "–"

    def test_every_period_has_its_row(self) -> None:
        told = rows(names(subject(REVIEW))["reporting"]["table"])
        assert len(told) == 10
        assert told[0][0] == "Học kỳ I năm học 2020-2021"

    def test_the_years_stand_beside_each_other(self) -> None:
        about = subject(REVIEW)
        table = names(about)["years"]
        assert [each["heading"] for each in table["columns"]][1:] == [f"{y}-{y + 1}" for y in range(2020, 2025)]
        codes = [row.code for row in shipped().tables["activities"].rows]
        shares = [span.tables["activities"].done_share(codes) or 0 for span in about.spans]
        shown = [float(cell.rstrip("%").replace(",", ".")) for cell in rows(table)[1][1:]]
        assert shown == pytest.approx([100 * share for share in shares], abs=0.05)


class TestComparison:
    def test_differences_are_those_of_what_is_printed(self) -> None:
        table = rows(names(subject())["compared"])
        for _label, then, now, difference in table:
            if then.endswith("%"):
                points = [float(cell.rstrip("%").replace(",", ".")) for cell in (then, now)]
                told = float(difference.removesuffix(" điểm %").replace(",", "."))
            else:
                points = [float(cell.replace(".", "")) for cell in (then, now)]
                told = float(difference.replace(".", ""))
            assert told == pytest.approx(points[1] - points[0], abs=0.001)
        assert len(table) == 1 + 4 + 5 + 16

    def test_without_figures_of_before_there_is_a_gap(self) -> None:
        said = names(subject(reported=lambda period: period.key == HK1))
        assert said["compared"] is None
        assert said["compared_words"].startswith(GAP_OPENS)
        assert "học kỳ I năm học 2023-2024" in said["compared_words"]


def few(facts: Facts) -> Facts:
    """One case in all, four children at risk of whom three are girls, one child reached by I.1."""
    facts = with_cells(facts, "statistics", "C.2", total=0.0)
    facts = with_cells(facts, "statistics", "C.1", total=0.0, female=0.0)
    facts = with_cells(facts, "activities", "I.1", children=0.0)
    entries = {name: frame.copy() for name, frame in facts.entries.items()}
    for table, row, values in (
        ("statistics", "C.2", {"total": 1.0}),
        ("statistics", "C.1", {"total": 4.0, "female": 3.0}),
        ("activities", "I.1", {"children": 1.0}),
    ):
        frame = entries[table]  # type: ignore[index]
        first = frame.index[frame["row"] == row][0]
        for column, value in values.items():
            frame.loc[first, column] = value
    return replace(facts, entries=entries)


class TestCopiesForOthers:
    def told(self, about: Subject) -> tuple[dict[str, list[str]], dict[str, Any]]:
        said = names(about)
        return {cells[1]: cells for cells in rows(said["statistics"])}, said

    def test_small_counts_are_not_told_in_any_place(self) -> None:
        lines, said = self.told(subject(for_others=True, change=few))
        assert lines["Số vụ bạo lực học đường phát hiện"][3] == FEW
        assert lines["Số trẻ em, học sinh thuộc nhóm có nguy cơ đang được theo dõi"][3:] == ["4", HIDDEN]
        assert f"Số trẻ em, học sinh: {FEW};" in rows(said["appendix"])[0][10]
        assert f"số trẻ em, học sinh {HIDDEN};" in said["activities"]["reach"]
        compared = {cells[0]: cells for cells in rows(said["compared"])}
        assert compared["Số vụ bạo lực học đường phát hiện"][1:] == [FEW, FEW, HIDDEN]
        assert FEW in said["masking_note"]

    def test_the_offices_own_copy_tells_them(self) -> None:
        lines, said = self.told(subject(change=few))
        assert lines["Số vụ bạo lực học đường phát hiện"][3] == "1"
        assert not [text for text in texts(said) if FEW in text]

    def test_a_sum_over_years_does_not_tell_them(self) -> None:
        about = subject(REVIEW, for_others=True, change=few)
        lines, _said = self.told(about)
        assert lines["Số vụ bạo lực học đường phát hiện"][3:] == [*[FEW] * 5, HIDDEN]

    def test_words_with_counts_in_them_are_left_out(self) -> None:
        def change(facts: Facts) -> Facts:
            facts = with_cells(facts, "targets", "CT.1", result="Chưa đạt", reason="Còn 1 em chưa dự")
            return with_cells(facts, "targets", "CT.2", result="Chưa đạt", reason="Chưa có tài liệu")

        said = " ".join(texts(names(subject(for_others=True, change=change))["unmet"]))
        assert "Còn 1 em" not in said
        assert "Chưa có tài liệu" in said
        assert "Còn 1 em" in " ".join(texts(names(subject(change=change))["unmet"]))


class TestSilence:
    @pytest.mark.parametrize("key", [HK1, NAM, REVIEW])
    def test_without_a_report_that_counts_nothing_is_said_of_results(self, key: str) -> None:
        said = names(subject(key, reported=lambda period: False))
        for name in ("activities", "duties", "targets", "statistics", "years", "compared"):
            assert said[name] is None
        assert said["unmet"] == said["difficulties"] == said["not_applicable"] == []
        assert said["reporting"]["lines"][-1].startswith(GAP_OPENS)
        assert all(set(cells[5:]) == {""} for cells in rows(said["appendix"]))

    def test_a_period_that_covers_none_of_schools_is_a_gap(self) -> None:
        said = names(subject("2020/NAM", now=datetime(2020, 11, 5, tzinfo=ZONE)))
        assert said["reporting"]["lines"][0].startswith(GAP_OPENS)
        assert said["reporting"]["table"] is None

    def test_settings_that_are_missing_are_gaps(self) -> None:
        said = names(subject(office=Office()))
        assert said["document"]["number"].endswith(f"{GAP_CLOSES}")
        assert said["document"]["place_date"].startswith(GAP_OPENS)
        assert said["office"]["signer"][0].startswith(GAP_OPENS)
        assert GAP_OPENS in said["office"]["recipients"][0]


def test_settings_are_printed_as_the_decree_has_them() -> None:
    office = replace_office(
        name_in_text="Phòng Văn hóa - Xã hội",
        symbol="BC-VHXH",
        signer_title=("kt. trưởng phòng", "phó trưởng phòng"),
        recipients=("Sở GD&ĐT;", "Lưu: VT"),
    )
    said = names(subject(office=office))
    assert said["office"]["signer"] == ["KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG"]
    assert said["office"]["recipients"] == ["- Sở GD&ĐT;", "- Lưu: VT."]
    assert said["document"]["number"].replace("\u00a0", "") == "Số:/BC-VHXH"
    assert said["document"]["place_date"].replace("\u00a0", "") == "Xã Mẫu, ngàytháng 01 năm 2025"
    assert said["document"]["attached_to"].endswith("của Phòng Văn hóa - Xã hội)")


def replace_office(**values: Any) -> Office:
    return OFFICE.model_copy(update=values)


def test_a_text_that_failed_the_privacy_checks_is_only_counted() -> None:
    change = lambda facts: with_cells(facts, "targets", "CT.1", result="Chưa đạt", reason=WITHHELD)  # noqa: E731
    (part,) = [part for part in names(subject(change=change))["unmet"] if part["title"].startswith("Chỉ tiêu 1")]
    assert len(part["lines"]) == 1
    assert part["lines"][0].startswith("Nội dung được giữ lại")


class TestAnotherPlan:
    def test_what_the_plan_does_not_have_is_not_numbered(self) -> None:
        said = names(subject("2025-2026/HK1", plan=other(), now=datetime(2026, 2, 5, tzinfo=ZONE)))
        assert said["numbers"] == dict(activities="1", targets="", duties="", statistics="2", compared="3")  # noqa: C408
        assert said["duties"] is None
        assert said["targets"] is None

    def test_its_columns_and_decimals_are_those_of_its_tables(self) -> None:
        said = names(subject("2025-2026/HK1", plan=other(), now=datetime(2026, 2, 5, tzinfo=ZONE)))
        assert [each["heading"] for each in said["statistics"]["columns"]] == ["Số", "Chỉ số", "Đo được", "Thấp nhất"]
        assert [each["heading"] for each in said["appendix"]["columns"]][:2] == ["Số", "Việc phải làm"]

    def test_a_review_of_one_period_has_no_years(self) -> None:
        said = names(subject("KIEM-KE-2027", plan=other(), now=datetime(2028, 2, 5, tzinfo=ZONE)))
        assert said["years"] is None
        assert said["activities"] is not None


def test_tables_are_as_wide_as_the_page() -> None:
    said = names(subject(REVIEW))
    for name, width in (("appendix", 247), ("statistics", 160), ("years", 160)):
        assert sum(column["width"] for column in said[name]["columns"]) == pytest.approx(width, abs=0.1)


def test_the_sign_date_is_never_before_the_moment() -> None:
    about = subject()
    late = replace(about, now=NOW[HK1].replace(month=3), period=replace(about.period, sign_on=NOW[HK1].date()))
    assert "tháng 3 năm 2025" in names(late)["document"]["place_date"]
