"""A client of the stand-in, on a clock that only moves when somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync import google as sync_google
from sync.google.http import Client
from tests.fakes.google import GoogleServer


@dataclass
class Time:
    """Seconds that pass without anybody waiting. `stops_at`: how many waits are let pass before one is broken off."""

    now: float = 0.0
    stops_at: int | None = None
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        if self.stops_at is not None and len(self.waits) >= self.stops_at:
            return True
        self.waits.append(seconds)
        self.now += seconds
        return False


@dataclass(frozen=True)
class Settings:
    """[google] of a test."""

    key_file: str = ""
    endpoint: str = ""
    reads_per_minute: int = 55
    writes_per_minute: int = 55
    timeout_seconds: float = 30
    give_up_seconds: int = 120


START = datetime(2025, 1, 20, 8, tzinfo=UTC)
Connect = Callable[..., Client]


@pytest.fixture
def time() -> Time:
    """The clock of the clients."""
    return Time()


@pytest.fixture
def google(time: Time) -> Iterator[GoogleServer]:
    """The stand-in, which fails a test that asks what it does not know."""
    with GoogleServer(clock=lambda: START + timedelta(seconds=time.now)) as server:
        yield server


@pytest.fixture
def connect(google: GoogleServer, time: Time, tmp_path: Path) -> Iterator[Connect]:
    """Makes clients; settings by name, and `scopes`."""
    key_file = str(google.key_file(tmp_path))
    with ExitStack() as stack:

        def make(scopes: Sequence[str] = sync_google.PASS_SCOPES, **changes: Any) -> Client:
            settings = Settings(**{"key_file": key_file, "endpoint": google.url, **changes})
            made = sync_google.connect(settings, time.wait, scopes=scopes, clock=time.clock, jitter=lambda: 0.0)
            return stack.enter_context(made)

        yield make


@pytest.fixture
def client(connect: Connect) -> Client:
    """A client as a pass has it."""
    return connect()


@pytest.fixture
def hasty(connect: Connect) -> Client:
    """A client whose time-out a test can wait for."""
    return connect(timeout_seconds=1)


@pytest.fixture
def maker(connect: Connect) -> Client:
    """A client as setting up has it."""
    return connect(sync_google.SETUP_SCOPES)


def methods(google: GoogleServer) -> list[str]:
    """What was asked of Google, in its order, but for signing in."""
    return [each.method for each in google.requests if each.method != "oauth2.token"]
