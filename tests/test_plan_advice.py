"""What `plan check` says of a plan file: every problem with its place, and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.plan.advice import Advice, advise, gaps

OTHER = Path(__file__).parent / "fakes" / "other-plan.toml"


pytestmark = pytest.mark.usefixtures("english")


def told(tmp_path: Path, text: str) -> list[Advice]:
    file = tmp_path / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return advise(file)[0]


def changed(old: str, new: str) -> str:
    text = OTHER.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new)


def test_a_sound_plan_has_nothing_to_do_and_is_loaded() -> None:
    problems, plan = advise(OTHER)
    assert problems == []
    assert plan is not None
    assert plan.code == "nuoc-sach-2022-2027"


def test_a_row_is_named_by_its_code(tmp_path: Path) -> None:
    text = OTHER.read_text(encoding="utf-8")
    row = text.index("[[tables.activities.rows]]")
    content = re.compile(r'^((?!section|number)\w+ = )"[^"]+"', re.MULTILINE).sub(r'\1""', text[row:], count=1)
    (problem,) = told(tmp_path, text[:row] + content)
    assert re.fullmatch(r"tables\.activities\.rows\[0\]\.\w+ \([A-Z\d.]+\)", problem.place)
    assert problem.message == "the printed text is missing"
    assert problem.fix == "Write what the printed plan has there; a dash where it has nothing."


def test_a_line_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, 'schema = 1\ncode = "a\n')
    assert (problem.place, "line 2" in problem.message) == ("file", True)
    assert problem.fix.startswith("Correct the line")


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    if content is not None:
        file.write_bytes(content)
    problems, plan = advise(file)
    assert ([problem.place for problem in problems], plan) == ([str(file)], None)


def test_a_calendar_of_school_years_needs_school_years(tmp_path: Path) -> None:
    text = OTHER.read_text(encoding="utf-8")
    start, end = text.index("[[school_years]]"), text.index("[[calendar]]")
    (problem,) = told(tmp_path, text[:start] + text[end:])
    assert problem.place == "school_years"
    assert "2026-2027" in problem.fix


def test_a_calendar_in_which_no_school_reports_is_told(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^schools = .*$", "", OTHER.read_text(encoding="utf-8"))
    assert told(tmp_path, text) == []  # schools report on demand there
    (problem,) = told(tmp_path, text.replace('every = "on_demand"', 'every = "calendar_year"'))
    assert problem.place == "calendar"
    assert "{ due_days = 5 }" in problem.fix


def test_every_place_has_something_to_do(tmp_path: Path) -> None:
    problems = told(tmp_path, 'schema = 2\ncode = "X Y"\n[tables.targets]\nsheet = "a/b"\n')
    assert len(problems) > 8
    assert all(problem.fix.endswith((".", "baocao.")) and "{example}" not in problem.fix for problem in problems)
    assert str(problems[0]) == f"{problems[0].place}: {problems[0].message}. {problems[0].fix}"


def test_numbers_that_a_section_leaves_out() -> None:
    assert gaps([1, 2, 3, 4, 6]) == [5]
    assert gaps([]) == gaps([1, 2]) == []
    assert gaps([2]) == [1]
    assert len(gaps([10**9])) < 30
