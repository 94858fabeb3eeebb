"""Reading and judging many workbooks, against pandas with openpyxl and against bare python-calamine."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from python_calamine import CalamineWorkbook

from sync import checking, demo, plan
from sync.checks.judging import judge
from sync.intake.pool import Pool
from sync.intake.spec import plan_spec
from tests.bench.measure import Ratio, against

PLAN = plan.load("thu-thua-2020-2025")
SHEETS = [table.sheet for table in PLAN.all_tables]


def workbooks(folder: Path, count: int) -> list[Path]:
    """`count` sound and faulty workbooks of the demo, xlsx only: pandas with openpyxl reads nothing else."""
    demo.make(folder, PLAN, schools=count + count // 4 + 10, seed=7)
    found = sorted(path for path in (folder / "nhan").rglob("*.xlsx") if _is_readable(path))
    return found[:count]


def _is_readable(path: Path) -> bool:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            return set(SHEETS) <= set(workbook.sheet_names)
    except Exception:
        return False


def ours(pool: Pool, paths: list[Path]) -> int:
    """Reads and judges `paths`; how many are accepted."""
    readings = [intake.reading for intake in pool.read(paths) if intake.reading is not None]
    judgement = judge(readings, checking.shipped_contexts()[PLAN.code])
    return int((judgement.receipts["status"] == "accepted").sum())


def pandas_openpyxl(paths: list[Path]) -> int:
    """The same sheets through pandas.read_excel(engine="openpyxl") and concat."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frames = [pd.concat(pd.read_excel(path, sheet_name=SHEETS, engine="openpyxl").values()) for path in paths]
        return len(pd.concat(frames))


def bare_calamine(paths: list[Path]) -> int:
    """The same sheets through python-calamine alone."""
    cells = 0
    for path in paths:
        with CalamineWorkbook.from_path(path) as workbook:
            for sheet in SHEETS:
                cells += len(workbook.get_sheet_by_name(sheet).to_python())
    return cells


def main(count: int = 1000, runs: int = 5) -> Iterator[Ratio]:
    """The ratios for `count` workbooks; the slow peer runs once or twice."""
    with TemporaryDirectory() as folder, Pool({PLAN.code: plan_spec(PLAN)}) as pool:
        paths = workbooks(Path(folder), count)
        name = f"read and judge {len(paths)} workbooks"
        yield against(
            f"{name} / pandas+openpyxl", lambda: ours(pool, paths), lambda: pandas_openpyxl(paths), min(runs, 2)
        )
        yield against(f"{name} / bare calamine", lambda: ours(pool, paths), lambda: bare_calamine(paths), runs)


if __name__ == "__main__":
    for ratio in main(*map(int, sys.argv[1:])):
        print(ratio)
