"""How often somebody may call: a bucket of calls for each name, which fills up again as time goes by."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

NAMES = 10_000
"""So many names are remembered; those that did not call for longest are forgotten, and begin with a full bucket."""


IPV6_PREFIX = 64
"""Bits of an IPv6 address that one connection to the internet gets; the others are its own to choose (RFC 6177)."""


def caller(address: str) -> str:
    """Whom `address` stands for: itself, or its network where it is one of IPv6."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, IPV6_PREFIX), strict=False))


class Rates:
    """Up to `per_minute` calls of each name in a minute, all at once where nobody called before."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def takes(self, name: str, now: float) -> bool:
        """Whether `name` may call at `now` (seconds of a clock that never goes back); counts the call if so."""
        left = self.left(name, now)
        if left < 1:
            return False
        self._buckets[name] = (left - 1, now)
        self._buckets.move_to_end(name)
        while len(self._buckets) > NAMES:
            self._buckets.popitem(last=False)
        return True

    def left(self, name: str, now: float) -> float:
        """How many calls `name` has left at `now`."""
        left, since = self._buckets.get(name, (float(self._per_minute), now))
        return min(float(self._per_minute), left + (now - since) * self._per_minute / 60)
