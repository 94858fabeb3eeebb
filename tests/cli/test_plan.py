"""`baocao plan`: importing a printed appendix and saying what is missing, with their JSON and exit statuses."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from sync import plan as plans
from tests.plan_import.papers import HEADINGS, excel, printed_rows, word

OTHER = Path(__file__).parent.parent / "fakes" / "other-plan.toml"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "ke-hoach.docx"
    file.write_bytes(word(printed_rows()))
    return file


def test_import_keeps_its_contract_and_writes_the_plan_file(run: Any, document: Path, tmp_path: Path) -> None:
    target = tmp_path / "moi.toml"
    result = run("plan", "import", document, "--to", target, "--json", "--lang", "en")
    assert (result.status, result.json) == (
        0,
        {
            "file": str(target),
            "place": "ke-hoach.docx, table 1",
            "sections": 4,
            "activities": 20,
            "joined": ["I.3", "II.3", "IV.1"],
            "skipped": ["III.5"],
        },
    )
    assert len(tomllib.loads(target.read_text(encoding="utf-8"))["tables"]["activities"]["rows"]) == 20


@pytest.mark.parametrize("language", ["en", "vi"])
def test_import_tells_what_was_read_and_what_to_look_at(
    language: str, run: Any, document: Path, tmp_path: Path
) -> None:
    result = run("plan", "import", document, "--to", tmp_path / "moi.toml", "--lang", language)
    assert result.status == 0
    assert all(word_ in result.out for word_ in ("20", "I.3, II.3, IV.1", "III.5", "baocao plan check"))


def test_a_plan_file_that_is_there_is_not_overwritten(run: Any, document: Path, tmp_path: Path) -> None:
    (tmp_path / "moi.toml").write_text("mine", encoding="utf-8")
    result = run("plan", "import", document, "--to", tmp_path / "moi.toml", "--lang", "en")
    assert (result.status, "is there already" in result.err) == (2, True)
    assert (tmp_path / "moi.toml").read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_imported_is_told_and_nothing_is_written(run: Any, tmp_path: Path) -> None:
    target = tmp_path / "moi.toml"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    for file, words in (("a.pdf", "a PDF document"), ("b.docx", "cannot be opened")):
        result = run("plan", "import", tmp_path / file, "--to", target, "--lang", "en")
        assert (result.status, words in result.err, target.exists()) == (2, True, False)
    result = run("plan", "import", tmp_path / "a.pdf", "--to", tmp_path / "no" / "x.toml", "--lang", "en")
    assert result.status == 2


def test_a_folder_that_is_not_there_is_told(run: Any, document: Path, tmp_path: Path) -> None:
    result = run("plan", "import", document, "--to", tmp_path / "no" / "moi.toml", "--lang", "en")
    assert (result.status, "moi.toml" in result.err) == (2, True)


def test_one_of_several_tables_is_chosen_by_its_number(run: Any, tmp_path: Path) -> None:
    sheets = {
        name: [HEADINGS, ["I", f"Mục {name}", "", "", ""], ["1", "Việc", "a", "b", "c"]] for name in ("Một", "Hai")
    }
    (tmp_path / "a.xlsx").write_bytes(excel(sheets))
    several = run("plan", "import", tmp_path / "a.xlsx", "--to", tmp_path / "moi.toml", "--lang", "en")
    assert (several.status, "2: a.xlsx, Hai, begins with “Mục Hai”" in several.err) == (2, True)
    chosen = run("plan", "import", tmp_path / "a.xlsx", "--to", tmp_path / "moi.toml", "--table", "2", "--json")
    assert (chosen.status, chosen.json["place"]) == (0, "a.xlsx, Hai")


def test_check_names_each_thing_to_complete_with_its_place_and_what_to_do(
    run: Any, document: Path, tmp_path: Path
) -> None:
    target = tmp_path / "moi.toml"
    run("plan", "import", document, "--to", target)
    result = run("plan", "check", target, "--json", "--lang", "en")
    assert result.status == 2
    problems = {each["place"]: each for each in result.json["problems"]}
    assert {"code", "title", "subject", "starts_on", "ends_on", "document.date"} <= problems.keys()
    assert {"school_years[0].code", "calendar[0].schools", "calendar[0].office"} <= problems.keys()
    assert not [place for place in problems if place.startswith("tables")], "the appendix itself is complete"
    assert all(set(each) == {"place", "message", "fix"} and each["fix"] for each in problems.values())
    shown = run("plan", "check", target, "--lang", "en")
    assert (shown.status, "16 things to do" in shown.err) == (2, True)
    assert "document.date: must be a date without quotes" in shown.err


@pytest.mark.parametrize("language", ["en", "vi"])
def test_check_says_that_a_plan_is_sound(language: str, run: Any) -> None:
    shipped = str(plans.shipped_plans()["thu-thua-2020-2025"])
    for file, skipped in ((OTHER, ["A.3"]), (shipped, ["III.5"])):
        result = run("plan", "check", file, "--json")
        assert (result.status, result.json["problems"], result.json["skipped"]) == (0, [], skipped)
        assert "baocao init" in run("plan", "check", file, "--lang", language).out
