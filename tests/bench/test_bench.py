"""The benchmarks themselves run; their figures are for people, never for a test to judge."""

from __future__ import annotations

from sync.outputs.office_workbook import build
from tests.bench import building, copying, google, judging, letters, memory, notices, reading, unchanged
from tests.bench.measure import Ratio
from tests.outputs.office_facts import NOW, OFFICE


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


def test_the_benchmark_of_google_runs_on_a_small_scale() -> None:
    lines = list(google.main(3, 1))
    assert "nothing changed in 3 spreadsheets: 1 list;" in lines[2]
    assert "1 of 3 spreadsheets changed: 1 list, 1 batchGet, 1 batchUpdate;" in lines[3]


def test_the_benchmark_of_building_writes_the_same_cells_as_its_peer() -> None:
    ratio, memory = building.main([3], 1)
    assert isinstance(ratio, Ratio)
    assert str(memory).startswith("peak memory over ")
    built = build(building.figures(3), OFFICE, NOW)
    assert building.cells_of(building.peer(building.cells_of(built))) == building.cells_of(built)
