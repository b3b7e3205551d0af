"""Wakes the streams of events when something was committed, and ends them when the CE does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

from hosted_ce.pilots.pilot import Change


class Room(Enum):
    """Who listens; so many may at the same time. People who look at pages keep no program out."""

    API = 20
    PAGES = 100


class Bell:
    """Rings for every stream. Nothing is queued here: a stream that is behind reads what it missed."""

    def __init__(self) -> None:
        self._ears: dict[Room, set[asyncio.Event]] = {room: set() for room in Room}
        self.closed = False
        self.checks = 0
        """How often something of a run of checks became known."""

    def full(self, room: Room) -> bool:
        """Whether there are as many streams as there may be."""
        return len(self._ears[room]) >= room.value

    def changes(self, changes: Sequence[Change]) -> None:
        """A listener for the store: never waits."""
        self._ring()

    def news(self) -> None:
        """Something changed that is no pilot: never waits."""
        self._ring()

    def check(self) -> None:
        """Something of a run of checks became known: never waits."""
        self.checks += 1
        self._ring()

    def incident(self) -> None:
        """An incident began or is over: never waits."""
        self._ring()

    def close(self) -> None:
        """Ends all streams, now."""
        self.closed = True
        self._ring()

    @contextmanager
    def ear(self, room: Room) -> Iterator[asyncio.Event]:
        """An event that is set at each ring, for one stream; clear it before you look.

        To be taken right after `full` was asked: with an await between them the limit is none.
        """
        heard = asyncio.Event()
        self._ears[room].add(heard)
        try:
            yield heard
        finally:
            self._ears[room].discard(heard)

    def _ring(self) -> None:
        for ear in (ear for room in self._ears.values() for ear in room):
            ear.set()
