"""Runs every benchmark and prints its ratios, and the peak memory of reading and judging."""

from __future__ import annotations

import platform

from tests.bench import copying, judging, memory, reading, unchanged

print(f"Python {platform.python_version()}, {platform.machine()}")
for bench in (reading, unchanged, memory, judging, copying):
    for line in bench.main():
        print(line)
