"""Wakes the streams of events when something was committed, and ends them when the CE does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hosted_ce.pilots.pilot import Change

MOST = 20


class Bell:
    """Rings for every stream. Nothing is queued here: a stream that is behind reads what it missed."""

    def __init__(self) -> None:
        self._ears: set[asyncio.Event] = set()
        self.closed = False

    @property
    def full(self) -> bool:
        """Whether there are as many streams as there may be."""
        return len(self._ears) >= MOST

    def changes(self, changes: Sequence[Change]) -> None:
        """A listener for the store: never waits."""
        self._ring()

    def close(self) -> None:
        """Ends all streams, now."""
        self.closed = True
        self._ring()

    @contextmanager
    def ear(self) -> Iterator[asyncio.Event]:
        """An event that is set at each ring, for one stream; clear it before you look."""
        heard = asyncio.Event()
        self._ears.add(heard)
        try:
            yield heard
        finally:
            self._ears.discard(heard)

    def _ring(self) -> None:
        for ear in self._ears:
            ear.set()
