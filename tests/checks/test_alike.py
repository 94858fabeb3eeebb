"""Nearly equal sets are found without comparing all pairs, and none is missed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.checks import alike as module
from sync.checks.alike import Sets, alike, distinct


def sets_of(*members: set[int]) -> Sets:
    pairs = [(owner, item) for owner, items in enumerate(members) for item in items]
    owner, item = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
    return Sets(len(members), *distinct(owner, item.astype(np.uint64)))


def found(sets: Sets, least: float, most_common: int | None = None) -> set[tuple[int, int, int]]:
    return set(alike(sets, least, most_common).itertuples(index=False, name=None))


def test_sets_that_share_enough_are_pairs() -> None:
    sets = sets_of({1, 2, 3, 4}, {1, 2, 3, 5}, {1, 2, 3, 4, 5}, {9})
    assert found(sets, 0.8) == {(0, 2, 4), (1, 2, 4)}
    assert found(sets, 0.6) == {(0, 2, 4), (1, 2, 4), (0, 1, 3)}


def test_no_sets_have_no_pairs() -> None:
    assert found(sets_of(), 0.8) == found(sets_of(set(), set()), 0.8) == set()


def test_what_everybody_has_makes_no_candidates_where_that_is_asked_for() -> None:
    sets = sets_of({1, 2}, {1, 2}, {1, 2})
    assert found(sets, 0.8) == {(0, 1, 2), (0, 2, 2), (1, 2, 2)}
    assert found(sets, 0.8, most_common=2) == set()


def test_sets_that_share_much_are_found_once_when_little_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    sets = sets_of({1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {7, 8, 9}, {7, 8, 9})
    pairs = list(alike(sets, 0.5).itertuples(index=False, name=None))
    assert sorted(pairs) == [(0, 1, 3), (0, 2, 3), (1, 2, 3), (3, 4, 3)]


@given(
    st.lists(st.sets(st.integers(0, 12), max_size=10), max_size=12), st.sampled_from([0.3, 0.5, 0.65, 0.8, 0.9, 1.0])
)
def test_the_pairs_are_those_that_comparing_all_pairs_finds(members: list[set[int]], least: float) -> None:
    expected = {
        (one, other, len(members[one] & members[other]))
        for one, other in combinations(range(len(members)), 2)
        if members[one] & members[other]
        and len(members[one] & members[other]) >= least * len(members[one] | members[other]) - 1e-9
    }
    assert found(sets_of(*members), least) == expected
