"""What becomes of waiting pilots by one set of routes and by another. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

EXAMPLES = 5


class Fate(StrEnum):
    """What becomes of a waiting pilot the next time that it is looked at."""

    BEGINS = "begins"
    """It gets an attempt on a route."""
    WAITS = "waits"
    """A route would take it, and is full."""
    NO_ROUTE = "no_route"
    """No route takes it, whatever room there is."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """A pilot's fate, and the route that it begins on or waits for."""

    fate: Fate
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Pilots with the same prospects before and after: how many, and the first of them."""

    before: Prospect
    after: Prospect
    pilots: int
    examples: tuple[int, ...]


def shifts(before: Mapping[int, Prospect], after: Mapping[int, Prospect]) -> tuple[Shift, ...]:
    """The pilots that both know, by prospects; what changes for most of them comes first."""
    groups = defaultdict[tuple[Prospect, Prospect], list[int]](list)
    for pilot_id in before.keys() & after.keys():
        groups[before[pilot_id], after[pilot_id]].append(pilot_id)
    found = [
        Shift(was, becomes, len(ids), tuple(sorted(ids)[:EXAMPLES])) for (was, becomes), ids in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.before == one.after, -one.pilots, one.examples)))
