from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.serving.rates import NAMES, Rates


@given(st.integers(1, 30), st.lists(st.floats(0, 90), max_size=200))
def test_in_no_minute_are_there_more_than_twice_as_many_calls_as_allowed(limit: int, pauses: list[float]) -> None:
    rates, now, taken = Rates(limit), 0.0, list[float]()
    for pause in pauses:
        now += pause / 10
        if rates.takes("a", now):
            taken.append(now)
    for start in taken:
        assert sum(start <= each < start + 60 for each in taken) <= 2 * limit


def test_one_name_does_not_use_up_the_calls_of_another_and_a_minute_gives_them_back() -> None:
    rates = Rates(2)
    assert [rates.takes("a", 0), rates.takes("a", 0), rates.takes("a", 1), rates.takes("b", 1)] == [
        True,
        True,
        False,
        True,
    ]
    assert [rates.takes("a", 59), rates.takes("a", 61), rates.takes("a", 61.1)] == [True, True, False]


def test_a_flood_of_names_is_not_remembered() -> None:
    rates = Rates(1)
    for number in range(NAMES + 1):
        rates.takes(str(number), 0)
    assert rates.takes("0", 0), "forgotten, as it called first"
    assert not rates.takes(str(NAMES), 0)
