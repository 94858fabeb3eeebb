"""Notices that are owed together become letters: one for each address, with all that it is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sync.notices.model import Notice


@dataclass(frozen=True, slots=True)
class Bundle:
    """The notices of one letter, and the addresses that get exactly these."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    notices: tuple[Notice, ...]


def bundles(notices: Iterable[Notice]) -> list[Bundle]:
    """One letter for each set of addresses that are owed the same notices, in the order of the notices.

    Nobody gets a letter with what only others are owed: a chief who is copied on twenty schools gets one letter on all
    twenty, and each school one on itself. Notices to nobody are in no letter.
    """
    given = list(notices)
    owed: dict[str, list[int]] = defaultdict(list)
    spoken_to: dict[str, set[int]] = defaultdict(set)
    written: dict[str, str] = {}
    for place, notice in enumerate(given):
        # One mailbox, whether its address is written in capitals or not.
        addresses = [written.setdefault(each.casefold(), each) for each in (*notice.to, *notice.cc)]
        for address in dict.fromkeys(addresses):
            owed[address].append(place)
        for address in addresses[: len(notice.to)]:
            spoken_to[address].add(place)
    together: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for address, places in owed.items():
        together[tuple(places)].append(address)
    return [_bundle(addresses, spoken_to, [given[place] for place in places])
            for places, addresses in sorted(together.items())]  # fmt: skip


def _bundle(addresses: Sequence[str], spoken_to: Mapping[str, Set[int]], notices: Sequence[Notice]) -> Bundle:
    # An address that is only copied on everything it gets is a copy, unless the letter would be to nobody.
    to = tuple(address for address in addresses if address in spoken_to) or tuple(addresses)
    return Bundle(to, tuple(address for address in addresses if address not in to), tuple(notices))
