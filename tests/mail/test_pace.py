from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.mail.pace import MINUTE, Pace, seconds_to_wait


@dataclass
class Time:
    """A clock, and a way of waiting that moves it."""

    now: float = 1000.0
    waited: float = 0.0
    stops: bool = False

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        if not self.stops:
            self.now += seconds
            self.waited += seconds
        return self.stops


@pytest.mark.parametrize(
    ("sent", "now", "expected"),
    [
        ([], 0.0, 0.0),
        ([0.0], 1.0, 0.0),
        ([0.0, 10.0], 15.0, 45.0),
        ([0.0, 10.0], 60.0, 0.0),
        ([0.0, 10.0, 60.0], 60.0, 10.0),
        ([0.0, 10.0], 500.0, 0.0),
        # The clock was put back.
        ([9000.0, 9010.0], 15.0, MINUTE),
    ],
)
def test_the_wait_ends_a_minute_after_the_letter_that_fills_the_minute(
    sent: list[float], now: float, expected: float
) -> None:
    assert seconds_to_wait(sent, now, per_minute=2) == expected


@given(
    st.integers(1, 5),
    st.lists(st.floats(0, 200), max_size=40),
    st.lists(st.floats(900, 1000), max_size=5),
)
def test_no_minute_has_more_letters_than_may_go_and_no_letter_waits_without_need(
    per_minute: int, pauses: list[float], before: list[float]
) -> None:
    time = Time()
    pace = Pace(per_minute, time.wait, time.clock, before)
    sent = sorted(before)[-per_minute:]
    for pause in pauses:
        time.now += pause
        asked = time.now
        assert pace.turn()
        if time.now > asked:
            # A blink earlier, the minute before would have been full.
            assert sum(moment > time.now - MINUTE - 0.001 for moment in sent) >= per_minute
        sent.append(time.now)
    for first, last in zip(sent, sent[per_minute:], strict=False):
        if last > 1000:
            assert last - first >= MINUTE - 0.001


def test_a_stop_while_waiting_lets_no_letter_go() -> None:
    time = Time()
    pace = Pace(1, time.wait, time.clock)
    assert pace.turn()
    time.stops = True
    assert not pace.turn()
    time.stops = False
    # The letter that did not go is not counted.
    assert pace.turn()
    assert time.waited == MINUTE
