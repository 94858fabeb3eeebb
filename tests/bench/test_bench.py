"""The benchmarks themselves run; their figures are for people, never for a test to judge."""

from __future__ import annotations

from tests.bench import copying, judging, letters, memory, notices, reading, unchanged
from tests.bench.measure import Ratio


def test_the_benchmarks_run_on_a_small_scale() -> None:
    assert [ratio.ratio > 0 for ratio in reading.main(6, 1)] == [True, True]
    assert [ratio.ratio > 0 for ratio in unchanged.main(40, 1)] == [True]
    assert len(list(judging.main(300, 900, 6))) == 3
    assert list(copying.main(40))
    (line,) = memory.main(6)
    assert line.startswith("read and judge 6 workbooks: service ")


def test_the_benchmarks_of_notices_and_letters_run_on_a_small_scale() -> None:
    assert [isinstance(line, Ratio) for line in notices.main(60, 1)] == [True, True, False]
    assert [isinstance(line, Ratio) for line in letters.main(3, 1)] == [True, False, False]
