"""What routes would do with the pilots that wait, without doing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.routing.decide import decide
from hosted_ce.routing.model import Route, Usage

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


@dataclass(slots=True)
class Preview:
    """One pass of routing over waiting pilots, which leaves nothing behind. Give them oldest first."""

    routes: Sequence[Route]
    usage: dict[str, Usage]
    prospects: dict[int, Prospect] = field(default_factory=dict)

    def look(self, pilots: Iterable[Pilot]) -> None:
        """What becomes of each of these. One that begins takes room from those behind it."""
        for pilot in pilots:
            self.prospects[pilot.id] = self._prospect(pilot)

    def _prospect(self, pilot: Pilot) -> Prospect:
        decision = decide(pilot.attributes, self.routes, self.usage, account=pilot.account)
        if decision.route is not None:
            name = decision.route.name
            taken = self.usage.get(name, Usage())
            self.usage[name] = Usage(taken.pilots + 1, taken.idle + 1)
            return Prospect(Fate.BEGINS, name)
        full = next((trial.route for trial in decision.trials if trial.full), None)
        return Prospect(Fate.NO_ROUTE if full is None else Fate.WAITS, full)


def shifts(before: Mapping[int, Prospect], after: Mapping[int, Prospect]) -> tuple[Shift, ...]:
    """The pilots that both know, by prospects; what changes for most of them comes first."""
    groups = defaultdict[tuple[Prospect, Prospect], list[int]](list)
    for pilot_id in before.keys() & after.keys():
        groups[before[pilot_id], after[pilot_id]].append(pilot_id)
    found = [
        Shift(was, becomes, len(ids), tuple(sorted(ids)[:EXAMPLES])) for (was, becomes), ids in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.before == one.after, -one.pilots, one.examples)))
