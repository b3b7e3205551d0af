"""The time that decisions are made by: the wall clock, without its jumps.

A wall clock that is set forward would end every time of grace at once, and one that is set back would stop
them. So what we go by never stands still and never runs off: while it differs from the wall clock, it runs at
half or at one and a half times the speed until they agree.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SLOWEST = 0.5
FASTEST = 1.5


class SteadyClock:
    """Seconds since the epoch. Calls may come from several threads."""

    def __init__(
        self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._told, self._told_at = wall(), monotonic()
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Now."""
        with self._lock:
            now = self._monotonic()
            passed = now - self._told_at
            step = min(max(self._wall() - self._told, SLOWEST * passed), FASTEST * passed)
            self._told, self._told_at = self._told + step, now
            return self._told
