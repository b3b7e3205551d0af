"""When numbers that were counted in the database are counted again."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.engine.ports import Clock

LONGEST_S = 30.0
"""After which they are counted whatever was written: some depend on the time."""
SHARE = 0.02
"""Of the time, at most, that counting may take: with many pilots it is done less often."""


class Recount:
    """`commits` tells how often something was written so far: as long as nothing is, numbers stay true.

    `least_s` is the least time between two counts.
    """

    def __init__(self, commits: Callable[[], int], now: Clock, least_s: float = 0.0):
        self._commits, self._now, self._least_s = commits, now, least_s
        self._counted: int | None = None
        self._at = self._rest_until = float("-inf")

    def due(self) -> bool:
        """Whether to count now."""
        now = self._now()
        if self._counted is None or now >= self._at + LONGEST_S or now < self._at:
            return True
        return self._commits() != self._counted and now >= self._rest_until

    def begin(self) -> tuple[int, float]:
        """To be called before counting, and given to `done` after: what is written meanwhile is not in it."""
        return self._commits(), self._now()

    def done(self, begun: tuple[int, float]) -> None:
        """They were counted."""
        self._counted, self._at = begun
        now = self._now()
        took = now - self._at
        self._rest_until = self._at + max(self._least_s, min(LONGEST_S, took / SHARE))
