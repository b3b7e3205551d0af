"""How many pilots of a route go in one job array: first one, twice as many with each success.

A limit that has room for fifty refuses an array of a hundred as a whole; what no pilot can have there is
refused to all of them. So the next try is a smaller one, and what is said to one alone is the last word.
"""

from __future__ import annotations

from bosco.errors import Refusal


class ArraySizes:
    """By route, from 1 to `most`."""

    def __init__(self, most: int):
        self.most = most
        self._sizes: dict[str, int] = {}

    def of(self, route: str) -> int:
        """How many may go together now."""
        return self._sizes.get(route, 1)

    @property
    def largest(self) -> int:
        """How many that is of the route with the most."""
        return max(self._sizes.values(), default=1)

    def accepted(self, route: str) -> None:
        """The site took what was sent."""
        self._sizes[route] = min(self.most, 2 * self.of(route))

    def refused(self, route: str, kind: Refusal) -> None:
        """The site said no."""
        self._sizes[route] = self.of(route) // 2 or 1 if kind is Refusal.LIMIT else 1

    def restart(self) -> None:
        """There was trouble: all begin again with one."""
        self._sizes.clear()
