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
        self._most, self._proxies = most, proxies
        self.share = max(1, most // SHARE)
        """So many places one address may have."""
        self._taken: Counter[str | None] = Counter()

    def take(self, address: str) -> bool:
        """Whether there was a place for one more of this address; it is taken then, until `leave`."""
        if self.taken >= self._most or not self.has_share_left(address):
            return False
        self._taken[self.who(address)] += 1
        return True

    def has_share_left(self, address: str) -> bool:
        """Whether it may have one more, if there is one."""
        who = self.who(address)
        return who is None or self._taken[who] < self.share

    def leave(self, address: str) -> None:
        """A connection of this address has ended."""
        who = self.who(address)
        self._taken[who] -= 1
        if self._taken[who] <= 0:
            del self._taken[who]

    def who(self, address: str) -> str | None:
        """As whom it is counted; None: it has no share of its own."""
        return None if is_among(address, self._proxies) else host_of(address)

    def greediest(self, address: str) -> set[str]:
        """Who have the most places, if that is more than this address has; no share counts as no place."""
        who = self.who(address)
        own = 0 if who is None else self._taken[who]
        sharing = {each: number for each, number in self._taken.items() if each is not None and number > own}
        return {each for each, number in sharing.items() if number == max(sharing.values())}

    @property
    def taken(self) -> int:
        """How many are."""
        return self._taken.total()
