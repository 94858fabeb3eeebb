"""Order does not matter: 60 schools' files, put down and judged in random orders, give the same findings and files."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from sync import checking, demo, office, passes, plan
from sync.checks.judging import judge
from sync.intake.pool import read_files
from sync.intake.spec import plan_spec
from sync.ledger import Ledger

PLAN = plan.load("thu-thua-2020-2025")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("order") / "office"
    demo.make(folder, PLAN, schools=60, seed=3)
    return folder


def put_down_again(made: Path, folder: Path, chance: random.Random) -> Path:
    """A copy of the workspace whose files were created in a random order."""
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("nhan"))
    files = [path for path in (made / "nhan").rglob("*") if path.is_file()]
    for file in chance.sample(files, len(files)):
        target = folder / "nhan" / file.relative_to(made / "nhan")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    return folder


def told(folder: Path) -> tuple[bytes, dict[str, bytes], str]:
    """The consolidated workbook, the returned copies and the ledger's findings after a pass."""
    opened = office.open_office(folder)
    result = passes.run(opened)
    with Ledger.open(opened.ledger_url) as ledger:
        receipts = ledger.receipts()
        findings = ledger.findings(receipts["receipt_id"])
    returned = {path.name: path.read_bytes() for path in sorted((folder / "tra-lai").rglob("*")) if path.is_file()}
    return (folder / str(result.workbook)).read_bytes(), returned, receipts.to_csv() + findings.to_csv()


def test_files_put_down_in_random_orders_give_the_same_workbook(made: Path, tmp_path: Path) -> None:
    outcomes = [told(put_down_again(made, tmp_path / str(seed), random.Random(seed))) for seed in range(3)]
    assert outcomes[0][1]
    assert outcomes[1:] == [outcomes[0]] * 2


def test_files_judged_in_random_orders_give_the_same_findings(made: Path) -> None:
    files = sorted(path for path in (made / "nhan").rglob("*") if path.is_file() and not path.name.startswith("~$"))
    readings = [intake.reading for intake in read_files(files, {PLAN.code: plan_spec(PLAN)})]
    context = checking.shipped_contexts()[PLAN.code]

    def by_file(order: list[int]) -> dict[int, list[str]]:
        judgement = judge([reading for at in order if (reading := readings[at]) is not None], context)
        found: dict[int, list[str]] = {at: [] for at in order}
        for finding in judgement.findings.to_dict("records"):
            found[order[finding.pop("receipt")]].append(repr(finding))
        return found

    orders = [random.Random(seed).sample(range(len(files)), len(files)) for seed in range(4)]
    expected = by_file(list(range(len(files))))
    assert sum(map(len, expected.values())) > 50
    for order in orders:
        assert by_file(order) == expected
