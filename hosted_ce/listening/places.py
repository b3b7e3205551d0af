"""How many connections there may be, in all and of one address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from hosted_ce.listening.hosts import host_of
from hosted_ce.listening.proxies import Network, is_among

SHARE = 4
"""One address may have this part of all places: it cannot take them all."""


class Places:
    """Counts. Loopback and proxies that are trusted have no share of their own: they speak for many."""

    def __init__(self, most: int, proxies: Collection[Network] = ()):
        self._most, self._each, self._proxies = most, max(1, most // SHARE), proxies
        self._taken: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Whether there was a place for one more of this address; it is taken then, until `leave`."""
        who = _who(address)
        if self.taken >= self._most or (self._shares(address) and self._taken[who] >= self._each):
            return False
        self._taken[who] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection of this address has ended."""
        who = _who(address)
        self._taken[who] -= 1
        if self._taken[who] <= 0:
            del self._taken[who]

    @property
    def taken(self) -> int:
        """How many are."""
        return self._taken.total()

    def _shares(self, address: str) -> bool:
        return host_of(address) is not None and not is_among(address, self._proxies)


def _who(address: str) -> str:
    return host_of(address) or address
