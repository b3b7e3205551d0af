"""What a site does not take: by route, slowed down for, and shown.

A limit of a QOS or an association, an account that is not valid, a partition that is down: the site says the
same to every pilot of the route. So the next one is tried after a pause, which doubles, and not all at once.
A pilot that can never run there may be alone with it: only a row of those pauses the route.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bosco.errors import Failed, Refusal
from hosted_ce.engine.ports import Clock

FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 900.0
LONGEST_TROUBLE_S = 120.0
"""When the site is in trouble: the gate stops all while it is, and it may be over at any time."""
ROW = 3
"""Pilots that can never run there, one after the other, until it is taken for the route's fault."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A route that the site takes no pilots of. Times in seconds since the epoch."""

    route: str
    kind: Refusal
    said: str
    since: float
    until: float
    times: int


class PushBack:
    """The routes of one cluster whose last submission was refused."""

    def __init__(self, now: Clock):
        self._now = now
        self._refused: dict[str, Refused] = {}

    def refused(self, route: str, error: Failed) -> None:
        """The site said no to a pilot of this route."""
        now, before = self._now(), self._refused.get(route)
        if before and now < before.until:  # sent before the pause began: no further evidence
            self._refused[route] = replace(before, kind=error.refusal, said=str(error))
            return
        times = before.times + 1 if before else 1
        steps = times - 1 if error.refusal is not Refusal.PERMANENT else times - ROW
        longest = LONGEST_TROUBLE_S if error.refusal is Refusal.TRANSIENT else LONGEST_PAUSE_S
        pause = min(longest, FIRST_PAUSE_S * 2 ** min(steps, 10)) if steps >= 0 else 0.0
        since = before.since if before else now
        self._refused[route] = Refused(route, error.refusal, str(error), since, now + pause, times)

    def accepted(self, route: str) -> None:
        """The site took one."""
        self._refused.pop(route, None)

    def paused(self) -> frozenset[str]:
        """Routes of which nothing is sent now."""
        return frozenset(route for route, one in self._refused.items() if self._now() < one.until)

    def reason(self, route: str) -> str | None:
        """Why nothing of this route is sent now; None when something is."""
        one = self._refused.get(route)
        if one is None or self._now() >= one.until:
            return None
        return f"route {route}: the site does not take pilots now: {one.said}"

    def all(self) -> tuple[Refused, ...]:
        """Every route whose last submission was refused."""
        return tuple(self._refused.values())

    def forget(self, routes: Collection[str] | None = None) -> None:
        """An operator says that it is mended, for these routes or (None) for all: tried at once."""
        for route in list(self._refused) if routes is None else routes:
            self._refused.pop(route, None)
