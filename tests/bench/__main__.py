"""Runs every benchmark and prints its ratios, and the peak memory of the process."""

from __future__ import annotations

import platform
import resource

from tests.bench import reading, unchanged

print(f"Python {platform.python_version()}, {platform.machine()}")
for bench in (reading, unchanged):
    for ratio in bench.main():
        print(ratio)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"peak memory: service {peak:.0f} MB, largest child {children:.0f} MB")
