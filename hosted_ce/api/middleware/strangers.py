"""How many records the audit log gets of those who showed no good token.

Without a bound they would push out the records of the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hosted_ce.api.callers.buckets import Buckets
from hosted_ce.listening.hosts import host_of

EACH_S, EACH = 0.2, 20.0
"""Records of one address: so many a second in the long run, and so many at once."""
ALL_S, ALL = 1.0, 1000.0
"""The same of all together. At 300 bytes a record they fill the usual 320 MiB in two weeks."""


class Strangers:
    """Counts what there is no room for, until it is told."""

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._each, self._all, self._now = Buckets(EACH_S, EACH), Buckets(ALL_S, ALL), now
        self._left_out = 0

    def take(self, address: str | None) -> bool:
        """Whether there is room for a record of this address now. This machine is counted with all alone."""
        now, who = self._now(), host_of(address)
        taken = not (who and self._each.take(who, now)) and not self._all.take("", now)
        self._left_out += not taken
        return taken

    def left_out(self) -> int | None:
        """How many there was no room for since this was asked last; None: none."""
        count, self._left_out = self._left_out, 0
        return count or None
