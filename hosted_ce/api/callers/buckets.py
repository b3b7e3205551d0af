"""How often somebody may come: a token bucket for each, in memory of a bounded size. Pure, given the time."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

MOST = 10_000
"""So many are remembered. Who has not come for longest is forgotten first, and begins with a full bucket."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """Each fills with `rate` a second up to `burst`, and coming takes its cost out; a rate of 0 is no limit.

    What costs more than `burst` never may come.
    """

    def __init__(self, rate: float, burst: float, most: int = MOST):
        self._rate, self._burst, self._most = rate, burst, most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, who: str, now: float, cost: float = 1.0) -> float:
        """0 if `who` may come now, else in how many seconds; what may not come costs nothing."""
        if not self._rate:
            return 0.0
        bucket = self._filled(who, now)
        if bucket.left < cost:
            return (cost - bucket.left) / self._rate
        bucket.left -= cost
        return 0.0

    def _filled(self, who: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(who, _Bucket(self._burst, now))
        self._buckets.move_to_end(who)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        bucket.left = min(self._burst, bucket.left + max(0.0, now - bucket.at) * self._rate)
        bucket.at = now
        return bucket


def in_seconds(wait: float) -> str:
    """A wait as Retry-After says it: whole seconds, one at least."""
    return str(max(1, math.ceil(wait)))
