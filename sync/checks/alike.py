"""Which of many sets are nearly equal, without comparing all pairs.

By prefix filtering: two sets whose Jaccard index is at least t share one of the n - ⌈t·n⌉ + 1 rarest members of each.
So only sets that share something rare are ever compared, and none of those that are alike is missed; nothing depends on
chance or on order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_AT_ONCE = 4_000_000
"""Pairs and members that are held in memory at a time."""


@dataclass(frozen=True)
class Sets:
    """`count` sets of hashes: `item[i]` is a member of set `owner[i]` (0 … count - 1); ordered by owner, each once."""

    count: int
    owner: Ints
    item: Hashes

    @cached_property
    def sizes(self) -> Ints:
        """How many members each set has."""
        return np.bincount(self.owner, minlength=self.count)


def distinct(owner: Ints, item: Hashes) -> tuple[Ints, Hashes]:
    """The pairs of owner and item, each once, ordered by owner."""
    codes, known = pd.factorize(item)
    count = max(1, len(known))
    pairs = np.sort(owner * count + codes)
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = pairs[1:] != pairs[:-1]
    owner, codes = np.divmod(pairs[first], count)
    return owner, np.asarray(known)[codes]


def alike(sets: Sets, least: float, most_common: int | None = None) -> pd.DataFrame:
    """The pairs of sets with a Jaccard index of at least `least`: left < right, common (members of both), int64.

    Sets that share only members which more than `most_common` sets have may be left out; None leaves out nothing.
    """
    codes, _items = pd.factorize(sets.item)
    codes = codes.astype(np.int64)
    members = np.sort(sets.owner * (codes.max(initial=0) + 1) + codes)
    found = []
    for left, right in _candidates(sets, codes, least, most_common):
        common = _common(sets, codes, members, left, right)
        near = common >= least * (sets.sizes[left] + sets.sizes[right] - common) - 1e-9
        found.append(pd.DataFrame({"left": left[near], "right": right[near], "common": common[near]}))
    empty = pd.DataFrame({name: np.zeros(0, dtype=np.int64) for name in ("left", "right", "common")})
    return pd.concat([empty, *found]).drop_duplicates(["left", "right"], ignore_index=True)


def _candidates(sets: Sets, codes: Ints, least: float, most_common: int | None) -> Iterator[tuple[Ints, Ints]]:
    """Pairs that share a rare member and differ little in size, in parts; a pair may come in several of them."""
    owners, codes = _prefixes(sets, codes, least)
    counts = np.bincount(codes)[codes]
    kept = (counts > 1) & (True if most_common is None else counts <= most_common)
    order = np.lexsort((owners[kept], codes[kept]))
    owners, codes = owners[kept][order], codes[kept][order]
    # Within a group of equal codes each owner is paired with those behind it.
    behind = np.searchsorted(codes, codes, side="right") - np.arange(len(codes)) - 1
    mean = max(1.0, float(sets.sizes.mean()) if sets.count else 1.0)
    done = np.cumsum(behind) * mean // _AT_ONCE
    for start, stop in _runs(done):
        left = np.repeat(np.arange(start, stop), behind[start:stop])
        right = left + 1 + counting(behind[start:stop])
        pairs = np.unique(owners[left] * sets.count + owners[right])
        one, other = pairs // max(1, sets.count), pairs % max(1, sets.count)
        small, large = np.sort(np.stack([sets.sizes[one], sets.sizes[other]]), axis=0)
        near = small >= least * large - 1e-9
        yield one[near], other[near]


def _prefixes(sets: Sets, codes: Ints, least: float) -> tuple[Ints, Ints]:
    """The rarest members of each set: owners and codes."""
    rarity = np.bincount(codes)[codes] if len(codes) else codes
    order = np.lexsort((codes, rarity, sets.owner))
    owners, codes = sets.owner[order], codes[order]
    place = counting(sets.sizes)
    length = sets.sizes - np.ceil(least * sets.sizes - 1e-9).astype(np.int64) + 1
    rare = place < length[owners]
    return owners[rare], codes[rare]


def _common(sets: Sets, codes: Ints, members: Ints, left: Ints, right: Ints) -> Ints:
    """How many members the sets of each pair share."""
    starts = np.concatenate([[0], np.cumsum(sets.sizes)])
    sizes = sets.sizes[left]
    pair = np.repeat(np.arange(len(left)), sizes)
    wanted = right[pair] * (codes.max(initial=0) + 1) + codes[starts[left][pair] + counting(sizes)]
    at = np.minimum(np.searchsorted(members, wanted), max(0, len(members) - 1))
    shared = members[at] == wanted if len(members) else np.zeros(0, dtype=bool)
    return np.bincount(pair[shared], minlength=len(left))


def counting(sizes: Ints) -> Ints:
    """0 … n - 1 for each n of `sizes`, one after the other."""
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _runs(labels: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of equal labels."""
    edges = np.flatnonzero(np.diff(labels)) + 1
    yield from (pair for pair in pairwise([0, *edges.tolist(), len(labels)]) if pair[0] < pair[1])
