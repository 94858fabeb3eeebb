from __future__ import annotations

from dataclasses import replace
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import plan as plans
from sync.consolidate import STANDINGS, consolidate
from sync.groups import MEASURES, TARGET_MEASURES, Groups, groups_of
from tests.outputs.office_facts import make_facts

PLAN = plans.load("thu-thua-2020-2025")


def made(seed: int, units: list[str], count: int = 20) -> Groups:
    facts = make_facts(PLAN, count, seed=seed)
    random = Random(seed)
    placed = facts.standings.assign(unit=[random.choice(units) for _ in range(count)])
    return groups_of(consolidate(replace(facts, standings=placed)))


@settings(max_examples=15)
@given(st.integers(0, 99), st.lists(st.sampled_from(["Xã A", "xã a", "Xã B", "", "C"]), min_size=1))
def test_levels_and_units_each_add_up_to_all_schools(seed: int, units: list[str]) -> None:
    groups = made(seed, units)
    for frame in (groups.figures, *groups.targets.values()):
        measures = [name for name in frame.columns if name not in ("level", "unit")]
        total = frame[measures].to_dict("index")[0]
        for part in (groups.of_levels, groups.of_units):
            assert frame.loc[part.index, measures].sum().to_dict() == pytest.approx(total)
        for at, unit in groups.of_units["unit"].items():
            inner = frame.loc[groups.levels_in(str(unit)).index, measures].sum()
            assert inner.to_dict() == pytest.approx(frame[measures].to_dict("index")[at])
    assert (groups.figures[list(STANDINGS)].sum(axis=1) == groups.figures["schools"]).all()


def test_the_frames_have_their_columns_and_dtypes() -> None:
    groups = made(1, ["Xã A"])
    assert list(groups.figures.columns) == ["level", "unit", *MEASURES]
    assert {str(kind) for kind in groups.figures[list(MEASURES)].dtypes} == {"int64"}
    assert list(groups.targets) == [row.code for row in PLAN.tables["targets"].rows]
    for frame in groups.targets.values():
        assert list(frame.columns) == ["level", "unit", *TARGET_MEASURES]
        assert [str(frame[name].dtype) for name in TARGET_MEASURES] == ["int64", "int64", "float64", "float64"]
        pd.testing.assert_frame_equal(frame[["level", "unit"]], groups.figures[["level", "unit"]])


def test_units_are_one_whatever_their_capital_letters_and_the_nameless_come_last() -> None:
    facts = make_facts(PLAN, 4)
    placed = facts.standings.assign(unit=["", "Xã Một", "xã một", "Phường 2"])
    groups = groups_of(consolidate(replace(facts, standings=placed)))
    assert list(groups.of_units["unit"]) == ["Xã Một", "Phường 2", ""]
    assert list(groups.of_units["schools"]) == [2, 1, 1]
    assert groups.has_units


def test_levels_stand_in_the_plans_order_and_only_where_there_are_schools() -> None:
    for count in (2, 4):
        assert list(made(1, ["A"], count=count).of_levels["level"]) == [level.code for level in PLAN.levels][:count]
    assert not made(1, [""], count=3).has_units
    nobody = made(1, ["A"], count=0)
    assert nobody.figures[list(MEASURES)].to_dict("records") == [dict.fromkeys(MEASURES, 0)]
