"""One judgement, whatever the way: the file, the open workbook in the remote engine, and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineError

from sync import addin, beside, checking, config, handing_out_keys, office
from sync import plan as plans
from sync.addin import Outcome
from sync.addin.errors import NotAReport
from sync.ledger import Ledger
from sync.office import OpenOffice
from sync.outputs import layout as at
from tests.demo.inboxes import Demo, made
from tests.fakes.addin_server import CHECK, HOSTNAME, Served, process_over, require_server
from tests.fakes.remote_books import Written, payload_of, remote_book, with_sheet

_REFUSED = {"not-our-workbook", "other-plan", "too-many-cells", "too-many-sheets"}
"""What a workbook is that opens in Excel and is no report."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return made(plans.load("thu-thua-2020-2025"), tmp_path_factory.mktemp("demo") / "office")


@pytest.fixture(scope="module")
def of_files(demo: Demo) -> dict[Path, dict[str, Any]]:
    """What `baocao check` says of each file of the demo's inbox that a program opens as a workbook."""
    opened = office.open_office(demo.folder)
    files = [file for each in demo.planted.files if _opens(file := demo.inbox / each.path)]
    contexts = {opened.plan.code: opened.context}
    verdicts, _failures = checking.check_files(files, contexts, opened.limits, partial(beside.compared, opened))
    return dict(zip(files, verdicts, strict=True))


def _opens(file: Path) -> bool:
    try:
        return bool(payload_of(file.read_bytes()))
    except CalamineError:
        return False


def _codes(verdict: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in verdict["findings"]}


@dataclass(frozen=True)
class OpenBook:
    """A workbook that was open in the remote engine: as it was sent, what came of it, and what was written."""

    payload: dict[str, Any]
    outcome: Outcome | None
    actions: dict[str, Any]


@pytest.fixture(scope="module")
def of_books(demo: Demo, of_files: dict[Path, dict[str, Any]]) -> dict[Path, OpenBook]:
    """What `check` says of the same workbooks in the remote engine; no outcome where it refuses one."""
    opened = office.open_office(demo.folder)
    return {file: _in_engine(file, opened) for file in of_files}


def _in_engine(file: Path, opened: OpenOffice) -> OpenBook:
    # Some files of the demo were written by other programs and lack the sheet for the answer.
    payload = with_sheet(payload_of(file.read_bytes()), at.FINDINGS_SHEET)
    book = remote_book(payload)
    try:
        outcome = addin.check(book, opened)
    except NotAReport:
        outcome = None
    actions = book.json()
    book.close()
    return OpenBook(payload, outcome, actions)


def test_each_workbook_of_the_demo_gives_the_same_findings_open_as_it_gives_as_a_file(
    of_files: dict[Path, dict[str, Any]], of_books: dict[Path, OpenBook]
) -> None:
    told = 0
    for file, verdict in of_files.items():
        book = of_books[file]
        if _codes(verdict) & _REFUSED:
            assert (book.outcome, book.actions) == (None, {"actions": []}), file
        else:
            assert book.outcome is not None, file
            assert book.outcome.findings == verdict["findings"], file
            assert (book.outcome.accepted, book.outcome.school, book.outcome.period) == (
                verdict["accepted"],
                verdict["school"],
                verdict["period"],
            )
            assert _written(Written(book.payload, book.actions)) == _rows(verdict), file
            told += len(book.outcome.findings)
    assert len(of_files) > 45
    assert told > 60


def _rows(verdict: dict[str, Any]) -> list[tuple[str, ...]]:
    """What must stand in `Kiểm tra`: severity, sheet and cell of each finding, in any order."""
    return sorted(
        (at.SEVERITY_TEXTS[each["severity"]], each["sheet"] or "", each["cell"] or "") for each in verdict["findings"]
    )


def _written(written: Written) -> list[tuple[str, ...]]:
    cells = written.cells[at.FINDINGS_SHEET]
    rows = range(at.FINDINGS_FIRST_ROW + 1, at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS + 1)
    assert written.cells.keys() == {at.FINDINGS_SHEET}
    return sorted((cells[f"B{row}"], cells[f"C{row}"], cells[f"D{row}"]) for row in rows if cells[f"F{row}"])


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[Served]:
    require_server()
    settings = demo.folder / config.FILE
    wanted = {'hostname = ""': f'hostname = "{HOSTNAME}"', "port = 8470": "port = 0"}
    text = settings.read_text(encoding="utf-8")
    for old, new in wanted.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    settings.write_text(text, encoding="utf-8")
    Ledger.open(office.open_office(demo.folder).ledger_url).close()
    with process_over(demo.folder) as running:
        yield running


def test_the_server_answers_with_what_the_remote_engine_writes(
    demo: Demo, of_files: dict[Path, dict[str, Any]], of_books: dict[Path, OpenBook], served: Served
) -> None:
    opened = office.open_office(demo.folder)
    schools = {verdict["school"] for verdict in of_files.values()} & set(opened.control.schools.by_code)
    keys = {each.issued.key.school: each.issued.text for each in handing_out_keys.issue(opened, schools, False, None)}
    asked = 0
    for file, verdict in of_files.items():
        if verdict["school"] not in keys:
            continue
        book = of_books[file]
        answer = served.post(CHECK, book.payload, keys[verdict["school"]])
        if book.outcome is None:
            assert answer.status_code in (413, 422), (file, answer.text)
        else:
            assert answer.status_code == 200, (file, answer.text)
            assert Written(book.payload, answer.json()).cells == Written(book.payload, book.actions).cells, file
        asked += 1
    assert asked > 40
