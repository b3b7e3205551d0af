"""How many connections there may be, in all and of one address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from ipaddress import ip_address

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
        if self._taken.total() >= self._most or (
            self._shares(address) and self._taken[address] >= self._each
        ):
            return False
        self._taken[address] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection of this address has ended."""
        self._taken[address] -= 1
        if self._taken[address] <= 0:
            del self._taken[address]

    def _shares(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        return not ip.is_loopback and not is_among(address, self._proxies)
