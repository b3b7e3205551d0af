"""How many submits may be under way at a time: few after trouble, more with each that succeeds."""

from __future__ import annotations

import asyncio


class Window:
    """Grows from 1 to `most`. After an outage a site gets one submit first, not all that has waited."""

    def __init__(self, most: int):
        self.most, self.size = most, 1
        self.under_way = 0
        self._changed = asyncio.Event()

    async def acquire(self) -> None:
        """Returns when one more may begin, and counts it."""
        while self.under_way >= self.size:
            self._changed.clear()
            await self._changed.wait()
        self.under_way += 1

    def release(self) -> None:
        """One is over."""
        self.under_way -= 1
        self._changed.set()

    def grow(self) -> None:
        """One has succeeded."""
        self.size = min(self.most, self.size + 1)
        self._changed.set()

    def shrink(self) -> None:
        """There was trouble: begin again with one."""
        self.size = 1
