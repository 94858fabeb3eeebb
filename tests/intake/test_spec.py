"""The child process knows of a plan what reading needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import plan as plans
from sync.intake.spec import plan_spec

OTHER = Path(__file__).parent.parent / "fakes" / "other-plan.toml"


@pytest.mark.parametrize("source", ["thu-thua-2020-2025", OTHER])
def test_the_printed_texts_are_those_of_the_rows(source: str | Path) -> None:
    plan = plans.load(source)
    for table, spec in zip(plan.all_tables, plan_spec(plan).tables, strict=True):
        assert len(spec.printed) == len(spec.codes) == len(table.rows)
        for code, texts in zip(spec.codes, spec.printed, strict=True):
            row = table.rows_by_code[code]
            assert dict(zip(spec.headings, texts, strict=True)) == {
                column.heading: row.text(column.id) for column in table.fixed
            }
