"""Templates of the office replace the shipped ones; where they are broken the letter goes out all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sync.letters import drawing, shipped
from sync.letters.shipped import TemplateError, check_templates, copy_template
from sync.notices import KINDS
from tests.letters.helpers import SAMPLES, arrived, composed, text_of

OVERDUE = SAMPLES["overdue"].letter
WHOLE = "{% block subject %}S{% endblock %}{% block text %}T{% endblock %}{% block html %}<p>H</p>{% endblock %}"
USED_INSTEAD = "The template that travels with baocao is used instead."
pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mau-thu"
    made.mkdir()
    return made


def block(name: str, content: str) -> str:
    """A template that is whole but for what stands in one block."""
    empty = "{% block " + name + " %}" + {"subject": "S", "text": "T", "html": "<p>H</p>"}[name] + "{% endblock %}"
    return WHOLE.replace(empty, "{% block " + name + " %}" + content + "{% endblock %}")


def test_a_template_of_the_office_goes_before_the_shipped_one(folder: Path) -> None:
    (folder / "overdue.j2").write_text(
        block("text", "Xin nộp: {{ report }}, {{ days_late }} ngày."), encoding="utf-8-sig"
    )
    made = composed(OVERDUE, overrides=folder)
    assert made.remarks == []
    assert made.message["Subject"] == "S"
    assert "\nXin nộp: báo cáo Học kỳ I năm học 2024-2025, 3 ngày.\n" in text_of(arrived(made))
    assert "<p>H</p>" in text_of(arrived(made), "html")


def test_values_are_escaped_in_the_offices_page_but_not_in_its_text(folder: Path) -> None:
    (folder / "overdue.j2").write_text(block("html", "{{ '<i>' ~ school }}").replace("T{", "{{ '<i>' }}{"))
    message = arrived(composed(OVERDUE, overrides=folder))
    assert "&lt;i&gt;Trường" in text_of(message, "html")
    assert "\n<i>\n" in text_of(message)


def test_a_change_is_seen_at_the_next_letter(folder: Path) -> None:
    file = folder / "overdue.j2"
    file.write_text(WHOLE)
    assert composed(OVERDUE, overrides=folder).message["Subject"] == "S"
    file.write_text(WHOLE.replace("}S{", "}N{"))
    os.utime(file, ns=(1, 1))
    assert composed(OVERDUE, overrides=folder).message["Subject"] == "N"
    file.unlink()
    assert composed(OVERDUE, overrides=folder).message["Subject"].startswith("Quá hạn 3 ngày")


def test_the_macros_can_be_the_offices_own(folder: Path) -> None:
    own = shipped_text("parts").replace("  {{ name }}: {{ value }}", "* {{ name }} = {{ value }}")
    (folder / "parts.j2").write_text(own, encoding="utf-8")
    made = composed(OVERDUE, overrides=folder)
    assert made.remarks == []
    assert "\n* Hạn nộp = hết ngày" in text_of(arrived(made))


@pytest.mark.parametrize(
    ("name", "content", "remark"),
    [
        ("overdue", WHOLE.replace("T{", "\n{{ report }\n{"), "mau-thu/overdue.j2, line 2: this is no valid Jinja"),
        ("overdue", WHOLE.replace("{% endblock %}", ""), "mau-thu/overdue.j2, line 1: this is no valid Jinja"),
        ("overdue", block("text", "a\n\n{{ reprot }}"), "mau-thu/overdue.j2, line 3: there is no name 'reprot' here"),
        ("overdue", block("html", "{{ school.name }}"), "mau-thu/overdue.j2, line 1: there is no name 'name' here"),
        (
            "overdue",
            block("subject", "{{ days_late / 0 }}"),
            "mau-thu/overdue.j2, line 1: this cannot be drawn: ZeroDiv",
        ),
        ("overdue", block("text", "{{ 'a' * 9999999999 }}"), "mau-thu/overdue.j2, line 1: this is not allowed"),
        ("overdue", block("text", "{% for x in range(9999999) %}a{% endfor %}"), "line 1: this is not allowed"),
        ("overdue", block("text", "{{ ''.__class__.__mro__ }}"), "mau-thu/overdue.j2, line 1: this is not allowed"),
        (
            "overdue",
            block("text", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
            "cannot be drawn: RecursionError",
        ),
        ("overdue", block("text", "{% include 'overdue.j2' %}"), "mau-thu/overdue.j2"),
        ("overdue", block("text", "{% include '../config.toml' %}"), "this cannot be drawn: TemplateNotFound"),
        ("overdue", WHOLE.replace("block text", "block txt"), "mau-thu/overdue.j2: the block text is missing"),
        ("overdue", "", "mau-thu/overdue.j2: the block html, subject, text is missing"),
        ("overdue", block("subject", " "), "mau-thu/overdue.j2: the block subject is empty"),
        (
            "overdue",
            block("text", "{{ parts.facts_text(1, 2, 3) }}"),
            "mau-thu/overdue.j2, line 1: this cannot be drawn",
        ),
        (
            "overdue",
            block("text", "{% for x in range(999) %}{% for y in range(999) %}{{ report }}{% endfor %}{% endfor %}"),
            "mau-thu/overdue.j2: the letter would have more than 1000000 characters",
        ),
        ("letter", block("text", "{{ letter_parts.text }}"), "mau-thu/letter.j2, line 1: there is no name 'text' here"),
        ("parts", "{% macro facts_text(pairs) %}{% endmacro %}", "mau-thu/parts.j2: the macro facts_html, "),
        ("parts", "{{ nothing }}", "mau-thu/parts.j2: the macro "),
    ],
)
def test_a_broken_template_gives_one_line_and_the_shipped_letter(
    folder: Path, name: str, content: str, remark: str
) -> None:
    (folder / f"{name}.j2").write_text(content, encoding="utf-8")
    made = composed(OVERDUE, overrides=folder)
    assert made.message.as_bytes() == composed(OVERDUE).message.as_bytes()
    (line,) = made.remarks
    assert remark in line
    assert line.endswith(USED_INSTEAD)
    assert "\n" not in line


def test_macros_that_fail_are_told_by_their_own_file(folder: Path) -> None:
    own = shipped_text("parts").replace("  {{ name }}: {{ value }}", "{{ nam }}")
    line = own.splitlines().index("{{ nam }}") + 1
    (folder / "parts.j2").write_text(own, encoding="utf-8")
    made = composed(OVERDUE, overrides=folder)
    assert made.message.as_bytes() == composed(OVERDUE).message.as_bytes()
    assert [remark.partition(":")[0] for remark in made.remarks] == [f"mau-thu/parts.j2, line {line}"]


def test_of_two_templates_the_one_that_fails_is_told(folder: Path) -> None:
    (folder / "overdue.j2").write_text(shipped_text("overdue"), encoding="utf-8")
    own = shipped_text("parts").replace("  {{ name }}: {{ value }}", "{{ nam }}")
    (folder / "parts.j2").write_text(own, encoding="utf-8")
    (line,) = composed(OVERDUE, overrides=folder).remarks
    assert line.startswith("mau-thu/parts.j2, line ")


def test_a_file_in_an_old_encoding_is_told(folder: Path) -> None:
    (folder / "overdue.j2").write_bytes(b"{# mau #}\n" + "\u00e9".encode("latin-1"))
    made = composed(OVERDUE, overrides=folder)
    assert made.message.as_bytes() == composed(OVERDUE).message.as_bytes()
    assert made.remarks == [
        f"mau-thu/overdue.j2, line 2: the file is not in UTF-8; save it again with the encoding UTF-8. {USED_INSTEAD}"
    ]


def test_a_folder_in_place_of_a_template_is_told(folder: Path) -> None:
    (folder / "overdue.j2").mkdir()
    (line,) = composed(OVERDUE, overrides=folder).remarks
    assert line.startswith("mau-thu/overdue.j2: the file cannot be read: ")


def test_a_broken_template_does_not_take_the_others_with_it(folder: Path) -> None:
    (folder / "overdue.j2").write_text(block("text", "{{ nothing }}"))
    (folder / "letter.j2").write_text(block("text", "KHUNG {{ letter_parts[0].text }}"))
    made = composed(OVERDUE, overrides=folder)
    assert text_of(arrived(made)).startswith("KHUNG Trường Mầm non Hoa Sen chưa nộp")
    assert len(made.remarks) == 1


def test_a_broken_template_of_another_kind_does_no_harm(folder: Path) -> None:
    (folder / "accepted.j2").write_text(block("text", "{{ nothing }}"))
    assert composed(OVERDUE, overrides=folder).remarks == []


def test_a_folder_that_is_not_there_is_no_folder(tmp_path: Path) -> None:
    assert composed(OVERDUE, overrides=tmp_path / "mau-thu").remarks == []
    assert check_templates(tmp_path / "mau-thu") == []


def shipped_text(name: str) -> str:
    return (Path(shipped.__file__).parent / "templates" / f"{name}.j2").read_text(encoding="utf-8")


def test_every_kind_of_notice_has_a_template_that_says_which_names_it_knows() -> None:
    assert set(KINDS) < set(drawing.NAMES)
    for name in drawing.NAMES:
        assert shipped_text(name).startswith("{#\n")


def test_every_name_that_a_shipped_template_uses_stands_in_its_comment() -> None:
    import jinja2.meta

    environment = jinja2.Environment(autoescape=True)
    framed = shipped_text("letter").partition("#}")[0]
    for name in drawing.NAMES:
        source = shipped_text(name)
        comment = source.partition("#}")[0] + framed
        used = jinja2.meta.find_undeclared_variables(environment.parse(source)) - {"parts"}
        assert {each for each in used if each not in comment} == set()


def test_a_copy_of_a_shipped_template_is_put_into_the_folder_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "mau-thu"
    for name in drawing.NAMES:
        assert copy_template(name, folder).read_text(encoding="utf-8") == shipped_text(name)
    assert check_templates(folder) == []
    for sample in SAMPLES.values():
        assert (
            composed(sample.letter, overrides=folder).message.as_bytes() == composed(sample.letter).message.as_bytes()
        )


def test_a_template_of_the_office_is_never_written_over(folder: Path) -> None:
    file = copy_template("overdue", folder)
    file.write_text("mine")
    with pytest.raises(TemplateError, match="is there already"):
        copy_template("overdue", folder)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("name", ["nothing", "../overdue", "overdue.j2", ""])
def test_only_known_templates_are_copied(folder: Path, name: str) -> None:
    with pytest.raises(TemplateError, match="There is no template"):
        copy_template(name, folder)
    assert list(folder.iterdir()) == []


def test_the_check_names_every_problem_once(folder: Path) -> None:
    (folder / "digest.j2").write_text(block("html", "{{ nothing }}"))
    (folder / "to_mend.j2").write_text("{% block text %}")
    (folder / "due-soon.j2").write_text(WHOLE)
    (folder / "ghi chú.txt").write_text("")
    (folder / ".DS_Store").write_text("")
    lines = check_templates(folder)
    assert [line.partition(":")[0] for line in lines] == [
        "mau-thu/due-soon.j2",
        "mau-thu/ghi chú.txt",
        "mau-thu/to_mend.j2, line 1",
        "mau-thu/digest.j2, line 1",
    ]
    assert "is due_soon.j2 meant?" in lines[0]
