"""Work that makes very many objects, without Python's garbage collector at the same time.

A full collection looks at everything that came since the start, and nothing else runs meanwhile: with 10,000
new pilots 40 to 90 ms, several times. What such work makes is without cycles, and gone when it is done.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 300
"""Pilots. What fewer make is collected in no time."""
LONGEST_S = 20.0
"""Work that waits for longer, for a database that is away, has the collector back."""


class Undisturbed:
    """For the event loop alone. Several may be at such work at the same time.

    All that overlap have one stretch without the collector, which the first of them begins. The next one
    begins when none is left of them, and something was collected in between: whoever keeps the CE busy with
    such work cannot keep the collector off.
    """

    def __init__(self, longest_s: float = LONGEST_S):
        self._longest_s = longest_s
        self._at_work = 0
        self._too_long: asyncio.TimerHandle | None = None
        """There while a stretch lasts."""
        self._collections = -1
        """How many there had been at the end of the last one."""

    @contextmanager
    def __call__(self, pilots: int) -> Iterator[None]:
        """While the block runs nothing is collected, if so many are MANY. What it made should go with it."""
        if pilots < MANY:
            yield
            return
        self._at_work += 1
        if self._at_work == 1 and _collections() != self._collections:
            self._begin()
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._end()

    def _begin(self) -> None:
        gc.disable()
        self._too_long = asyncio.get_running_loop().call_later(self._longest_s, self._end)

    def _end(self) -> None:
        if self._too_long:
            self._too_long.cancel()
            self._too_long = None
            self._collections = _collections()
            gc.enable()


def _collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())
