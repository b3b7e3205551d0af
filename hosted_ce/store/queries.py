"""What the API asks: pages, counts, histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import State
from hosted_ce.store.database import Database
from hosted_ce.store.rows import pilot_of, select_pilots
from hosted_ce.store.tables import attempts, events, pilots


@dataclass(frozen=True, slots=True)
class Filter:
    """Which pilots: every field that is set narrows it."""

    states: Sequence[State] = ()
    route: str | None = None
    cluster: str | None = None
    owner: str | None = None
    batch_id: str | None = None
    factory_job: str | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of a pilot's history."""

    at: float
    what: str
    actor: str
    state: State
    reason: str | None
    data: dict[str, Any]


class PilotQueries:
    """Read-only questions about pilots."""

    def __init__(self, database: Database):
        self._database = database

    async def page(self, wanted: Filter, *, before: int | None, limit: int) -> list[Pilot]:
        """Up to `limit` pilots with ids below `before`, newest first."""
        select = _narrowed(select_pilots(), wanted)
        if before is not None:
            select = select.where(pilots.c.id < before)
        select = select.order_by(pilots.c.id.desc()).limit(limit)
        return await self._database.read(lambda connection: [pilot_of(r) for r in connection.execute(select)])

    async def counts(self) -> dict[State, int]:
        """How many pilots are in each state."""
        select = sa.select(pilots.c.state, sa.func.count()).group_by(pilots.c.state)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return {state: 0 for state in State} | {State(state): number for state, number in rows}

    async def history(self, pilot_id: int) -> list[EventRow]:
        """What happened to a pilot, oldest first."""
        select = sa.select(events).where(events.c.pilot_id == pilot_id).order_by(events.c.id)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [EventRow(r.at, r.what, r.actor, State(r.state), r.reason, r.data) for r in rows]

    async def revision(self) -> str | None:
        """The schema's revision: proves that the database answers."""
        select = sa.text("SELECT version_num FROM alembic_version")
        return await self._database.read(lambda connection: connection.execute(select).scalar())


def _narrowed(select: sa.Select[Any], wanted: Filter) -> sa.Select[Any]:
    if wanted.states:
        select = select.where(pilots.c.state.in_([state.value for state in wanted.states]))
    for column, value in (
        (pilots.c.route, wanted.route),
        (pilots.c.cluster, wanted.cluster),
        (pilots.c.owner, wanted.owner),
        (attempts.c.batch_id, wanted.batch_id),
        (pilots.c.factory_job, wanted.factory_job),
    ):
        if value is not None:
            select = select.where(column == value)
    return select
