"""The README cannot drift: its commands are run, its output is what is printed, its links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "macros").glob("*.md")])
LEFT_OUT = "…"
"""A line of this alone stands for lines that are not shown."""


def block_after(mark: str) -> str:
    """The content of the fenced block that follows the comment `mark` in the README."""
    found = re.search(
        rf"^<!-- {mark} -->\n```\w*\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found, f"no block after <!-- {mark} -->"
    return found[1]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.+?) *$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def shows(shown: Sequence[str], printed: Sequence[str]) -> str | None:
    """None where `shown` is `printed` but for what LEFT_OUT stands for; else the first line that is not there."""
    at, anywhere = 0, False
    for line in shown:
        if line == LEFT_OUT:
            anywhere = True
            continue
        places = [place for place in range(at, len(printed)) if printed[place] == line]
        if not places or (places[0] != at and not anywhere):
            return line
        at, anywhere = places[0] + 1, False
    return None if anywhere or at == len(printed) else "(the end)"


def test_the_readme_has_the_two_commands() -> None:
    demo, test = block_after("demo"), block_after("test")
    assert demo.count("\n") == test.count("\n") == 1
    install = "python3 -m venv .venv && .venv/bin/pip install --quiet -c requirements.lock "
    assert demo == f"{install}. && .venv/bin/baocao demo --lang en\n"
    assert test == f'{install}-e ".[test]" && .venv/bin/pytest\n'


@pytest.mark.skipif(os.name != "posix", reason=".ci/run is a script for Debian")
def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line for line in script.splitlines() if line.startswith("test_command=")]
    assert len(lines) == 1
    assert 'eval "$test_command"' in script
    shell = shutil.which("bash")
    assert shell
    said = subprocess.run(
        [shell, "-c", f'{lines[0]}; printf %s "$test_command"'], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    assert said.stdout.decode() == block_after("test").strip()


def test_the_shown_output_is_what_the_demo_prints(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "sync", "demo", "--lang", "en"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    # Where the reader's folder is, is not the README's to know; blanks at the end of lines are nobody's to see.
    text = run.stdout.decode().replace(f"{tmp_path}{os.sep}", "")
    printed = [line.rstrip() for line in text.splitlines()]
    shown = block_after("demo output").splitlines()
    assert len(shown) > 10
    assert shows(shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "stranger"),
    [
        (["a", "b", "c"], None),
        (["a", LEFT_OUT, "c"], None),
        ([LEFT_OUT, "c"], None),
        (["a", LEFT_OUT], None),
        (["a", "c"], "c"),
        (["a", LEFT_OUT, "x"], "x"),
        ([LEFT_OUT, "c", "b", LEFT_OUT], "b"),
        (["a", "b"], "(the end)"),
    ],
)
def test_only_a_line_of_dots_leaves_lines_out(shown: list[str], stranger: str | None) -> None:
    assert shows(shown, ["a", "b", "c"]) == stranger


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(page))
    dead = [target for target in targets if not re.match(r"[a-z]+:", target) and not leads_somewhere(page, target)]
    assert dead == []


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = unquote(target).partition("#")
    place = (page.parent / path).resolve() if path else page
    if not place.exists() or not place.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors(place)


def test_pictures_are_shown_and_small() -> None:
    pictures = {file.name: file for file in (ROOT / "docs" / "pictures").glob("*.png")}
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in pictures if f"pictures/{name})" not in text] == []
    assert [name for name, file in pictures.items() if file.stat().st_size > 300_000] == []
