"""The benchmarks themselves run; their figures are for people, never for a test to judge."""

from __future__ import annotations

from tests.bench import memory, reading, unchanged


def test_the_benchmarks_run_on_a_small_scale() -> None:
    assert [ratio.ratio > 0 for ratio in reading.main(6, 1)] == [True, True]
    assert [ratio.ratio > 0 for ratio in unchanged.main(40, 1)] == [True]
    (line,) = memory.main(6)
    assert line.startswith("read and judge 6 workbooks: service ")
