"""The connections of a server that have a place, and which of them gives it up when there is none left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Protocol

from hosted_ce.listening.places import Places


class Guest(Protocol):
    """A connection."""

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way on it."""

    def make_way(self) -> None:
        """Ends it, for another one."""


class Crowding(StrEnum):
    """Why a connection ended when all places were taken."""

    FULL = "full"
    """It has just come, and nobody made way for it."""
    OUSTED = "ousted"
    """It made way for another one."""


class Company:
    """Whoever is here; `count` is told of each that ended since there was no place."""

    def __init__(self, places: Places, count: Callable[[Crowding], None] = lambda _: None):
        self._places, self._count = places, count
        self._silent: dict[Guest, str] = {}
        """The address of each that has not asked for anything yet, the longest here first."""
        self._known: dict[Guest, str] = {}
        """Of each that has, who did so longest ago first."""

    def come(self, guest: Guest, address: str) -> bool:
        """Whether there is a place for it, or one could be made; it is taken then, until `go`."""
        if not self._places.take(address) and not (self._make_room(address) and self._places.take(address)):
            self._count(Crowding.FULL)
            return False
        self._silent[guest] = address
        return True

    def asked(self, guest: Guest) -> None:
        """A request of it has begun."""
        if (address := self._forget(guest)) is not None:
            self._known[guest] = address

    def go(self, guest: Guest) -> None:
        """It has ended, whether or not it had a place."""
        if (address := self._forget(guest)) is not None:
            self._places.leave(address)

    def _forget(self, guest: Guest) -> str | None:
        return self._silent.pop(guest, None) if guest in self._silent else self._known.pop(guest, None)

    def _make_room(self, address: str) -> bool:
        """Whether one has gone."""
        if not self._places.has_share_left(address):
            return False
        one = next(self._strangers(address), None) or next(self._idle(address), None)
        if one is None:
            return False
        self.go(one)
        self._count(Crowding.OUSTED)
        one.make_way()
        return True

    def _strangers(self, address: str) -> Iterator[Guest]:
        """Other addresses' that have never asked, when they are many: one of a few is about to ask."""
        if len(self._silent) < self._places.share:
            return
        own = self._places.who(address)
        for one, other in self._silent.items():
            if self._places.who(other) not in (None, own):
                yield one

    def _idle(self, address: str) -> Iterator[Guest]:
        """Of those who have the most, and more than this address; who asked longest ago comes first."""
        greediest = self._places.greediest(address)
        for here in (self._silent, self._known):
            for one, other in here.items():
                if one.is_idle and self._places.who(other) in greediest:
                    yield one
