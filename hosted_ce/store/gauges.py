"""The numbers that the daemon shows of all pilots, counted by one look at the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hosted_ce.pilots.states import State
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.store.database import Database
from hosted_ce.store.occupancy import clusters_in_use, occupancy_of
from hosted_ce.store.tallies import sent
from hosted_ce.store.vitals import idle_ages, open_pilots


@dataclass(frozen=True, slots=True)
class Gauges:
    """All of the same moment.

    `ages` is what `idle_ages` says, `open` and `oldest` what `open_pilots` says, `in_use` how many pilots
    each cluster has whose attempt is not over. Pilots that are over cost nothing.
    """

    counts: Mapping[State, int]
    occupancy: Occupancy
    in_use: Mapping[str, int]
    open: Mapping[tuple[str, str], int]
    oldest: Mapping[str, float]
    ages: Mapping[str, tuple[list[int], float]]


def gauges_of(connection: sa.Connection, now: float, bounds: Sequence[float]) -> Gauges:
    """As of `now`, in seconds since the epoch; `bounds` are those of the ages, the shortest first."""
    counts, oldest = open_pilots(connection)
    return Gauges(
        counts=sent(connection),
        occupancy=occupancy_of(connection, now),
        in_use=clusters_in_use(connection),
        open=counts,
        oldest=oldest,
        ages=idle_ages(connection, now, bounds),
    )


class GaugeStore:
    """Asks the database."""

    def __init__(self, database: Database):
        self._database = database

    @property
    def commits(self) -> int:
        """How often this process has written something: as long as nobody does, the numbers stay true."""
        return self._database.commits

    async def look(self, now: float, bounds: Sequence[float]) -> Gauges:
        """What `gauges_of` says."""
        return await self._database.read(lambda connection: gauges_of(connection, now, bounds))
