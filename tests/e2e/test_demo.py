"""The demo knows what it planted: a pass finds all of it, in the right file, sheet and cell, and nothing else."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from sync import demo, facts, office, passes, plan
from sync.demo import Planted
from sync.ledger import Ledger
from sync.passes import PassResult

OTHER = Path(__file__).parent.parent / "fakes" / "other-plan.toml"
Spots = dict[str, set[tuple[str, str | None, str | None]]]


class Demo:
    """A demo workspace after its pass."""

    def __init__(self, folder: Path, source: str | Path, schools: int, seed: int) -> None:
        self.folder = folder
        self.plan = plan.load(source)
        self.planted: Planted = demo.make(folder, self.plan, schools=schools, seed=seed, plan_source=str(source))
        self.office = office.open_office(folder)
        self.result: PassResult = passes.run(self.office)

    def found(self) -> tuple[Spots, dict[str, str]]:
        """Findings and status of every file in the inbox, by path."""
        with Ledger.open(self.office.ledger_url) as ledger:
            receipts = ledger.receipts().set_index("sha256")
            files = {path: str(sha256) for path, (_size, _time, sha256) in ledger.sightings("folder").items()}
            findings = ledger.findings(receipts["receipt_id"])
        spots: dict[int, set[tuple[str, str | None, str | None]]] = defaultdict(set)
        for receipt, code, sheet, cell in findings[["receipt_id", "code", "sheet", "cell"]].itertuples(index=False):
            spots[receipt].add((code, sheet, cell))
        ids, statuses = dict(receipts["receipt_id"]), dict(receipts["status"])
        found = {path: spots[ids[sha256]] for path, sha256 in files.items()}
        return found, {path: statuses[sha256] for path, sha256 in files.items()}

    def standings(self) -> dict[str, str]:
        with Ledger.open(self.office.ledger_url) as ledger:
            _period, frame = facts.status_of(self.office, ledger, self.planted.period)
        return dict(zip(frame["code"], frame["standing"], strict=True))


DEMOS: dict[str, tuple[str | Path, int, int]] = {
    "demo": ("thu-thua-2020-2025", 42, 2024),
    "other-seed": ("thu-thua-2020-2025", 90, 7),
    "other-plan": (OTHER, 30, 1),
}


@pytest.fixture(scope="module", params=list(DEMOS.values()), ids=list(DEMOS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo") / "office", *request.param)


def test_everything_planted_is_found_and_nothing_else(made: Demo) -> None:
    found, _statuses = made.found()
    expected = {
        file.path: {(spot.code, spot.sheet, spot.cell) for spot in file.findings} for file in made.planted.files
    }
    assert set(found) == set(expected)
    for path, spots in expected.items():
        assert found[path] == spots, (path, made.planted.of(path).faults)


def test_every_file_is_accepted_sent_back_or_refused_as_it_should_be(made: Demo) -> None:
    _found, statuses = made.found()
    assert statuses == {file.path: file.status for file in made.planted.files}


def test_every_school_stands_where_it_should(made: Demo) -> None:
    assert made.standings() == dict(made.planted.standings)


def test_schools_that_sent_two_workbooks_are_told_to_the_officer(made: Demo) -> None:
    told = {double["school"]: tuple(double["files"]) for period in made.result.periods for double in period["doubles"]}
    assert told == dict(made.planted.duplicates)


def test_the_workbook_is_there_and_the_inbox_is_as_it_was(made: Demo) -> None:
    assert made.result.workbook
    assert (made.folder / made.result.workbook).is_file()
    inbox = {
        path.relative_to(made.folder / "nhan").as_posix()
        for path in (made.folder / "nhan").rglob("*")
        if path.is_file()
    }
    assert len(inbox) == len(made.planted.files) + len(made.planted.ignored)


def test_what_names_a_child_stands_in_no_consolidated_workbook(made: Demo) -> None:
    private = [file for file in made.planted.files for spot in file.findings if spot.code == "private-data"]
    with zipfile.ZipFile(made.folder / str(made.result.workbook)) as workbook:
        words = b"".join(workbook.read(name) for name in workbook.namelist()).decode("utf-8", "ignore")
    assert private
    assert "N.T.A" not in words
    assert "private-data" not in words
