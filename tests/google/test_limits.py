"""The limit holds in every minute, and nobody waits without need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.google.limits import MINUTE, Bucket
from tests.google.conftest import Time


@given(st.integers(1, 60), st.lists(st.floats(0, 90, allow_nan=False), max_size=200))
def test_no_minute_has_more_requests_than_allowed(per_minute: int, rests: list[float]) -> None:
    time = Time()
    bucket = Bucket(per_minute, time.wait, time.clock)
    taken = []
    for rest in rests:
        time.now += rest
        assert bucket.take()
        taken.append(time.now)
    # The n-th request after another is a minute later at least, but for what a float cannot tell.
    assert all(later - earlier >= MINUTE - 1e-6 for earlier, later in zip(taken, taken[per_minute:], strict=False))


@given(st.integers(1, 60), st.integers(0, 300))
def test_many_requests_take_no_longer_than_the_limit_makes_them(per_minute: int, count: int) -> None:
    time = Time()
    bucket = Bucket(per_minute, time.wait, time.clock)
    for _ in range(count):
        bucket.take()
    assert time.now == MINUTE * max((count - 1) // per_minute, 0)


def test_a_wait_that_is_broken_off_takes_no_token() -> None:
    time = Time(stops_at=0)
    bucket = Bucket(1, time.wait, time.clock)
    assert bucket.take()
    assert not bucket.take()
    time.now += MINUTE
    assert bucket.take()


def test_a_clock_that_went_back_makes_nobody_wait_longer_than_a_minute() -> None:
    time = Time(now=1_000_000)
    bucket = Bucket(1, time.wait, time.clock)
    bucket.take()
    time.now = 0
    assert bucket.seconds_to_wait() == MINUTE
