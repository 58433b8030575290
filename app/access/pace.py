"""How often somebody may ask: each has a bucket of requests that fills again with time.

The buckets are this process's own. With several workers each has its own, so a client may ask, at
most, as many times as often as there are workers.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

MOST = 10_000
"""Buckets kept at most. The one that was used longest ago goes first."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left in a bucket; `wait` is how many whole seconds there are until there is more."""

    allowed: bool
    remaining: int
    wait: int


class Pace:
    """Buckets of `at_once` requests; each fills again by `per_minute`."""

    def __init__(
        self, per_minute: int, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.at_once = at_once
        self.a_second = per_minute / 60
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    @property
    def window(self) -> int:
        """Seconds in which an empty bucket fills, at least one."""
        return max(1, math.ceil(self.at_once / self.a_second))

    def look(self, who: Hashable) -> Left:
        """Return what is left in somebody's bucket, and take nothing."""
        with self._lock:
            return self._left(self._level(who), 0)

    def take(self, who: Hashable) -> Left:
        """Take one from somebody's bucket, if there is one."""
        with self._lock:
            level = self._level(who)
            left = self._left(level, 1)
            self._buckets[who] = (level - left.allowed, self._clock())
            self._buckets.move_to_end(who)
            if len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
            return left

    def _level(self, who: Hashable) -> float:
        level, at = self._buckets.get(who, (float(self.at_once), self._clock()))
        return min(self.at_once, level + (self._clock() - at) * self.a_second)

    def _left(self, level: float, taken: int) -> Left:
        allowed = level >= 1
        after = level - taken if allowed else level
        wait = 0 if after >= 1 else max(1, math.ceil((1 - after) / self.a_second))
        return Left(allowed, int(after), wait)


class Failures:
    """Wrong credentials, counted by client and address together, and ten times as many by address.

    Not by client alone: whoever knows a client's id could shut it out.
    """

    def __init__(self, per_minute: int) -> None:
        self._pairs = Pace(per_minute, per_minute)
        self._addresses = Pace(10 * per_minute, 10 * per_minute)

    def wait(self, client_id: str, address: str) -> int:
        """Return in how many seconds credentials will be looked at again; 0 is now."""
        network = network_of(address)
        looks = (self._pairs.look((client_id, network)), self._addresses.look(network))
        return max(left.wait for left in looks)

    def note(self, client_id: str, address: str) -> None:
        """Count a failure."""
        network = network_of(address)
        self._pairs.take((client_id, network))
        self._addresses.take(network)


def network_of(address: str) -> str:
    """Return what one household or server has of the world: an IPv4 address, or 64 bits of IPv6."""
    try:
        there = ip_address(address.split("%")[0])
    except ValueError:
        return address
    return str(ip_network((there, 64 if there.version == 6 else 32), strict=False))
