"""How benchmarks measure: both sides in turn in one run, so that a ratio holds when the machine's speed drifts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """Seconds of ours and of the peer, medians over the runs, and the median of their ratios run by run."""

    name: str
    ours: float
    peer: float
    ratio: float

    def __str__(self) -> str:
        return f"{self.name}: ours {self.ours:.3f} s, peer {self.peer:.3f} s, ours/peer {self.ratio:.2f}"


def against(name: str, ours: Callable[[], object], peer: Callable[[], object], runs: int = 5) -> Ratio:
    """Runs `ours` and `peer` in turn, `runs` times after one run that is not counted."""
    times = [(seconds(ours), seconds(peer)) for _run in range(runs + 1)]
    counted = times[1:]
    return Ratio(
        name,
        statistics.median(one for one, _ in counted),
        statistics.median(other for _, other in counted),
        statistics.median(one / other for one, other in counted),
    )


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes, after what was left of earlier work was collected."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
