"""The pages that are derived from the code are those of this code, and no kind of finding is forgotten."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from sync import demo, plan
from sync.checks.catalogue import CATALOGUE
from sync.doctor import CATALOGUE as SYMPTOMS

ROOT = Path(__file__).parent.parent
PLAN = plan.load("thu-thua-2020-2025")
NOT_IN_THE_DEMO = {
    # What a file must be for these is too large for a demo, or would stop the demo's own reading for seconds.
    "too-large": ("tests/intake/test_pool.py", "test_a_file_over_the_limit_is_hashed_and_not_read"),
    "reading-stopped": ("tests/intake/test_pool.py", "test_a_hostile_file_is_told_and_its_neighbours_are_read"),
    # A file of the inbox belongs to whom it says; only a spreadsheet is somebody's from the start.
    "bound-to-other": (
        "tests/e2e/test_google.py",
        "test_a_sheet_that_claims_to_be_another_schools_is_refused_and_its_own_school_is_told",
    ),
    # It is the officer's word; nobody has said anything yet in the demo.
    "returned-by-office": ("tests/test_giving_back.py", "test_the_school_reads_why_in_its_returned_workbook"),
    # What shows beside other reports; the demo is one semester, and each school writes its own words.
    "emptied-report": ("tests/test_period_findings.py", "test_an_emptied_workbook_does_not_take_a_report_back"),
    "earlier-period": ("tests/test_period_findings.py", "test_last_semesters_file_sent_now_is_told_to_the_officer"),
    "figure-fell": ("tests/test_period_findings.py", "test_the_year_is_compared_with_the_semester_that_it_includes"),
    "figure-jumped": ("tests/test_period_findings.py", "test_the_year_is_compared_with_the_semester_that_it_includes"),
    "undone": ("tests/test_period_findings.py", "test_the_year_is_compared_with_the_semester_that_it_includes"),
    "same-as-before": ("tests/test_period_findings.py", "test_a_report_that_only_repeats_the_last_one_is_asked_about"),
    "copied-text": ("tests/test_period_findings.py", "test_a_narrative_of_another_school_is_told_to_both"),
    "copied-workbook": ("tests/test_period_findings.py", "test_a_workbook_of_another_schools_figures_is_told_to_both"),
}
"""The test that covers each finding which no file of the demo gives."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_nothing_that_is_derived_from_the_code_is_stale() -> None:
    """`python docs/generate.py` writes what this names."""
    # In a process of its own: help texts are in the language in which the commands were first imported.
    check = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    ended = subprocess.run(check, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)


def test_every_finding_and_every_rule_is_documented() -> None:
    assert [code for code in CATALOGUE if f"| `{code}` |" not in page("findings.md")] == []
    assert [rule for rule in PLAN.rules_by_id if f"### `{rule}` ·" not in page("rules.md")] == []


def test_everything_that_the_doctor_says_is_documented() -> None:
    told = page("doctor.md")
    assert [name for name, entry in SYMPTOMS.items() if f"| `{name}` | {entry.severity} | " not in told] == []


def test_every_finding_and_every_rule_is_planted_by_the_demo_or_tested_elsewhere(tmp_path: Path) -> None:
    planted = demo.make(tmp_path / "demo", PLAN, schools=90)
    codes = {spot.code for file in planted.files for spot in file.findings}
    assert (CATALOGUE.keys() | PLAN.rules_by_id.keys()) - codes == NOT_IN_THE_DEMO.keys()


def test_the_tests_that_cover_the_other_findings_exist() -> None:
    for file, name in NOT_IN_THE_DEMO.values():
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
