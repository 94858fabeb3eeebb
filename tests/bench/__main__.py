"""Runs every benchmark and prints its ratios, and the peak memory of reading and judging."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

from tests.bench import building, copying, google, judging, letters, memory, notices, reading, unchanged

BENCHES: tuple[Callable[[], Iterable[object]], ...] = (
    reading.main,
    unchanged.main,
    memory.main,
    judging.main,
    copying.main,
    building.main,
    notices.main,
    letters.main,
    google.main,
)

print(f"Python {platform.python_version()}, {platform.machine()}")
for bench in BENCHES:
    for line in bench():
        print(line)
