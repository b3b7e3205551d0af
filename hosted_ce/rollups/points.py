"""What is in the buckets: sums, which add up the same in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from hosted_ce.rollups.buckets import LEVELS, start_of


class Series(StrEnum):
    """What is kept. `kind` of a key: a state of pilots, or the class of an end; else empty."""

    PILOTS = "pilots"
    """Pilots that are not over, by state, times the seconds for which they were so."""
    CORES = "cores"
    """Cores asked by pilots that run, times seconds."""
    ENDED = "ended"
    """Attempts that ended, by class."""
    SUBMIT = "submit"
    """Seconds from the beginning of an attempt to its batch job's id."""
    WAIT = "wait"
    """Seconds from a batch job's submission to its start at the site."""
    RAMP = "ramp"
    """Pilots that a route's ramp admits (kind `cap`), admits in the end (`target`), and that are there
    (`at_site`), times seconds."""
    WATCHED = "watched"
    """Seconds for which somebody looked: without them a bucket is a gap, and no zero."""


class Key(NamedTuple):
    """Where a sum belongs. The route is empty for pilots that have none."""

    start: int
    series: Series
    route: str = ""
    kind: str = ""


class Amount(NamedTuple):
    """A sum, and of how many: seconds for what lasts, events for what happens."""

    amount: float
    weight: float

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.amount + other.amount, self.weight + other.weight)


Points = dict[Key, Amount]


def merged(*parts: Mapping[Key, Amount] | Iterable[tuple[Key, Amount]]) -> Points:
    """All of them in one."""
    found: Points = {}
    for part in parts:
        for key, amount in part.items() if isinstance(part, Mapping) else part:
            found[key] = found[key].plus(amount) if key in found else amount
    return found


def coarser(points: Mapping[Key, Amount], width_s: int) -> Points:
    """The same in wider buckets."""
    return merged(
        (key._replace(start=start_of(key.start, width_s)), amount) for key, amount in points.items()
    )


def at_all_levels(points: Mapping[Key, Amount]) -> dict[int, Points]:
    """What is to be added to the buckets of each width, by width in seconds."""
    return {level.width_s: coarser(points, level.width_s) for level in LEVELS}
