"""What judging costs a row, at 100,000 rows and at 1,000,000: all vectorised checks, from readings to verdicts."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sync import checking
from sync.checks.judging import judge
from sync.intake.pool import Pool
from sync.intake.reading import Reading
from sync.intake.spec import plan_spec
from tests.bench.reading import PLAN, workbooks


def readings(count: int) -> list[Reading]:
    """Readings of `count` of the demo's workbooks."""
    with TemporaryDirectory() as folder, Pool({PLAN.code: plan_spec(PLAN)}) as pool:
        paths = workbooks(Path(folder), count)
        return [intake.reading for intake in pool.read(paths) if intake.reading is not None]


def cost(few: list[Reading], rows: int) -> tuple[int, float]:
    """Rows judged, and microseconds a row, for `few` repeated until there are about `rows`; texts of its own each."""
    each = sum(len(table.rows) for reading in few for table in reading.tables)
    many = [replace(reading) for _time in range(max(1, rows // each)) for reading in few]
    context = checking.shipped_contexts()[PLAN.code]
    begin = time.perf_counter()
    judgement = judge(many, context)
    seconds = time.perf_counter() - begin
    judged = int(judgement.receipts["rows_read"].sum())
    return judged, seconds / judged * 1e6


def main(small: int = 100_000, large: int = 1_000_000, files: int = 400) -> Iterator[str]:
    """A line for each size, and their ratio."""
    few = readings(files)
    costs = []
    for rows in (small, large):
        judged, microseconds = cost(few, rows)
        costs.append(microseconds)
        yield f"judge {judged:,} rows: {microseconds:.1f} µs a row"
    yield f"cost a row at the larger size / at the smaller: {costs[1] / costs[0]:.2f}"


if __name__ == "__main__":
    for line in main(*map(int, sys.argv[1:])):
        print(line)
