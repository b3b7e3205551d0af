"""The connections of a server that have a place, and which of them gives it up when there is none left."""

from __future__ import annotations

from typing import Protocol

from hosted_ce.listening.places import Places


class Guest(Protocol):
    """A connection."""

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way on it."""

    def make_way(self) -> None:
        """Ends it, for another one."""


class Company:
    """Whoever is here, the longest here first."""

    def __init__(self, places: Places):
        self._places = places
        self._here: dict[Guest, tuple[str, str | None]] = {}
        """The address of each, and as whom it is counted."""

    def come(self, guest: Guest, address: str) -> bool:
        """Whether there is a place for it, or one could be made; it is taken then, until `go`."""
        if not self._places.take(address) and not (self._make_room(address) and self._places.take(address)):
            return False
        self._here[guest] = address, self._places.who(address)
        return True

    def go(self, guest: Guest) -> None:
        """It has ended, whether or not it had a place."""
        if left := self._here.pop(guest, None):
            self._places.leave(left[0])

    def _make_room(self, address: str) -> bool:
        """Whether one has gone: idle, longest here, of who has the most, and more than this address."""
        greediest = self._places.greediest(address)
        idle = (one for one, (_, who) in self._here.items() if who in greediest and one.is_idle)
        if (one := next(idle, None)) is None:
            return False
        self.go(one)
        one.make_way()
        return True
