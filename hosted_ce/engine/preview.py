"""What routes would do with the pilots that wait, without doing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hosted_ce.engine.route import decision_for
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.prospects import Fate, Prospect
from hosted_ce.routing.route import Table


@dataclass(slots=True)
class Preview:
    """One pass of routing over waiting pilots, which leaves nothing behind. Give them oldest first."""

    table: Table
    occupancy: Occupancy
    now: float
    prospects: dict[int, Prospect] = field(default_factory=dict)

    def look(self, pilots: Iterable[Pilot]) -> None:
        """What becomes of each of these. One that begins takes room from those behind it."""
        for pilot in pilots:
            self.prospects[pilot.id] = self._prospect(pilot)

    def _prospect(self, pilot: Pilot) -> Prospect:
        found = decision_for(pilot, self.table, self.occupancy, self.now)
        if found.route is not None and found.cluster is not None and found.ask is not None:
            self.occupancy.take(
                found.route, found.cluster, found.vo, found.ask.cpus, test=not pilot.purpose.counts
            )
            return Prospect(Fate.BEGINS, found.route)
        full = next((trial.route for trial in found.trials if trial.full), None)
        return Prospect(Fate.NO_ROUTE if full is None else Fate.WAITS, full)
