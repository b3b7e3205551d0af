"""What routes would do with the pilots that wait, without doing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.routing.decide import decide
from hosted_ce.routing.model import Route, Usage
from hosted_ce.routing.prospects import Fate, Prospect


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
