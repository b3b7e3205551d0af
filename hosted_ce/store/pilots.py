"""The pilots of this CE, as the engine and the front doors use them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, TypeVar

import sqlalchemy as sa

from hosted_ce.correlation import request_id
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.store.arrivals import REQUEST_ID, NewPilot, add_each, add_pilots
from hosted_ce.store.changes import apply_each
from hosted_ce.store.database import Database
from hosted_ce.store.nothing_there import NothingThere
from hosted_ce.store.occupancy import clusters_in_use, occupancy_of
from hosted_ce.store.rows import pilot_of, select_pilots
from hosted_ce.store.tables import attempts, pilots
from hosted_ce.store.writer import Work

T = TypeVar("T")
Listener = Callable[[Sequence[Change]], None]
STAMPS_AT_ONCE = 500
ROWS_AT_ONCE = 500
TOLD_AT_ONCE = 500
"""So many new pilots are told to listeners in one turn of the event loop, which takes 2 ms."""


@dataclass(frozen=True, slots=True)
class Sweepable:
    """An attempt whose folder at the site is no longer needed."""

    attempt_id: int
    stamp: str


class PilotStore:
    """Reads and writes pilots. Listeners hear of applied changes after they are committed, in the loop."""

    def __init__(self, database: Database, *, now: Callable[[], float]):
        self._database, self._now = database, now
        self._listeners: list[Listener] = []
        self._nothing = NothingThere(lambda: database.commits, now)

    def subscribe(self, listener: Listener) -> None:
        """Tells `listener` of every change from now on."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Tells `listener` no more."""
        self._listeners.remove(listener)

    async def add(self, new: NewPilot) -> tuple[Pilot, bool]:
        """Writes a pilot down; returns it, and whether it is new.

        The same owner's idempotency key gives the pilot that it gave before. Raises KeyReused.
        """
        added = await self._database.write_jointly(self._add_each, (new, request_id()))
        self._tell_new([added])
        return added

    async def add_many(self, new: Sequence[NewPilot]) -> list[tuple[Pilot, bool]]:
        """The same with many of one owner, each with a key of its own: all of them, or none.

        Listeners hear of some after others, since they never wait and the event loop does for them.
        """
        asked = [request_id()] * len(new)
        added = await self._database.write(
            lambda connection: add_pilots(connection, new, asked, self._now()), weight=len(new)
        )
        parts = [added[at : at + TOLD_AT_ONCE] for at in range(0, len(added), TOLD_AT_ONCE)]
        try:
            while parts:
                self._tell_new(parts.pop(0))
                await asyncio.sleep(0)
        finally:  # whoever asked may be gone meanwhile
            for part in parts:
                self._tell_new(part)
        return added

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""
        if not changes:
            return []
        asked = request_id()
        wanted = [_with_request(change, asked) for change in changes] if asked else changes
        applied = await self._database.write_jointly(self._apply_each, wanted)
        self._tell(applied)
        return applied

    async def at_stage(
        self,
        stages: Collection[Stage],
        *,
        cluster: str | None = None,
        ending: bool = False,
        tests: bool | None = None,
        after: int = 0,
        limit: int | None = None,
        spec: bool = True,
    ) -> list[Pilot]:
        """Pilots at these stages with ids above `after`, oldest first; `ending`: whose attempt is to end.

        `tests`: only tests and checks, or none of them. Without `spec` theirs are not read.
        """
        wanted = _at_stage(
            frozenset(stages),
            cluster=cluster is not None,
            ending=ending,
            tests=tests,
            limit=limit is not None,
            spec=spec,
        )
        given = {"cluster": cluster, "after": after, "limit": limit}
        values = {name: value for name, value in given.items() if value is not None}
        question = (wanted, *values.items())
        return await self._ask(question, lambda connection: _pilots(connection, wanted, values))

    async def held_tests(self) -> list[Pilot]:
        """Test pilots that are held, oldest first; checks are not among them."""
        rows = await self._ask("held tests", lambda connection: list(connection.execute(_HELD_TESTS)))
        return [pilot_of(row) for row in rows]

    async def ids_at_stage(
        self, stage: Stage, *, cluster: str, limit: int, without: Collection[str] = ()
    ) -> list[int]:
        """The ids of up to `limit` pilots at this stage, oldest first.

        Those of the routes in `without` are left out, unless their attempt is to end.
        """
        values = {"stage": stage.value, "cluster": cluster, "limit": limit}
        wanted = _IDS
        if without:
            wanted = wanted.where(pilots.c.route.not_in(list(without)) | (pilots.c.goal != Goal.RUN.value))
        question = (stage, cluster, limit, *without)
        return await self._ask(question, lambda connection: list(connection.scalars(wanted, values)))

    async def whose(self, stamps: Collection[str]) -> dict[str, int | None]:
        """The pilot of each stamp whose attempt is closed; None: it is open. Unknown stamps are left out."""
        asked, found = sorted(stamps), dict[str, int | None]()
        for at in range(0, len(asked), STAMPS_AT_ONCE):
            some = asked[at : at + STAMPS_AT_ONCE]
            wanted = sa.select(attempts.c.stamp, attempts.c.pilot_id, attempts.c.closed_at).where(
                attempts.c.stamp.in_(some)
            )
            rows = await self._database.read(partial(_all, wanted))
            found |= {stamp: None if closed is None else pilot_id for stamp, pilot_id, closed in rows}
        return found

    async def ids_of(self, cluster: str) -> list[int]:
        """The pilots whose attempt at this cluster is not over, oldest first."""
        over = [Stage.WAITING.value, Stage.DONE.value]
        wanted = sa.select(pilots.c.id).where(pilots.c.cluster == cluster, pilots.c.stage.not_in(over))
        return await self._database.read(
            lambda connection: list(connection.scalars(wanted.order_by(pilots.c.id)))
        )

    async def clusters_in_use(self) -> dict[str, int]:
        """How many pilots have an attempt that is not over, by cluster."""
        return await self._database.read(clusters_in_use)

    async def get(self, pilot_id: int) -> Pilot | None:
        """One pilot, or None."""
        key = {"pilot_id": pilot_id}
        row = await self._database.read(lambda connection: connection.execute(_ONE, key).first())
        return pilot_of(row) if row else None

    async def get_many(self, pilot_ids: Collection[int]) -> list[Pilot]:
        """Those of these pilots that there are, oldest first."""
        if not pilot_ids:
            return []
        ids = {"ids": list(pilot_ids)}
        rows = await self._database.read(lambda connection: connection.execute(_MANY, ids).all())
        return [pilot_of(row) for row in rows]

    async def at_door(self, door: str) -> list[Pilot]:
        """All pilots that this front door still has in a queue of its own, oldest first."""
        wanted = (
            select_pilots().where(pilots.c.door == door, pilots.c.door_open.is_(True)).order_by(pilots.c.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return [pilot_of(row) for row in rows]

    async def ids_at_door(self, door: str) -> list[int]:
        """The pilots that this front door still has in a queue of its own, oldest first."""
        wanted = sa.select(pilots.c.id).where(pilots.c.door == door, pilots.c.door_open.is_(True))
        return await self._database.read(
            lambda connection: list(connection.scalars(wanted.order_by(pilots.c.id)))
        )

    async def occupancy(self) -> Occupancy:
        """Who is at the site: counted from what we intend, not from listings."""
        now = self._now()
        return await self._database.read(lambda connection: occupancy_of(connection, now))

    async def sweepable(self, cluster: str, closed_before: float, limit: int) -> list[Sweepable]:
        """Closed attempts whose folders can be removed at the site."""
        wanted = (
            sa.select(attempts.c.id, attempts.c.stamp)
            .where(attempts.c.cluster == cluster, attempts.c.swept_at.is_(None))
            .where(attempts.c.closed_at < closed_before)
            .order_by(attempts.c.id)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return [Sweepable(*row) for row in rows]

    async def swept(self, attempt_ids: Collection[int]) -> None:
        """Writes down that these attempts' folders are gone."""
        change = sa.update(attempts).where(attempts.c.id.in_(list(attempt_ids))).values(swept_at=self._now())
        await self._database.write(lambda connection: connection.execute(change))

    async def _ask(self, question: Hashable, work: Work[list[T]]) -> list[T]:
        return await self._nothing.ask(question, lambda: self._database.read(work))

    def _add_each(
        self, connection: sa.Connection, arrivals: Sequence[tuple[NewPilot, str | None]]
    ) -> list[tuple[Pilot, bool]]:
        return add_each(connection, arrivals, self._now())

    def _apply_each(
        self, connection: sa.Connection, wanted: Sequence[Sequence[Change]]
    ) -> list[list[Change]]:
        return apply_each(connection, wanted, self._now())

    def _tell_new(self, added: Iterable[tuple[Pilot, bool]]) -> None:
        new = [Change(pilot, {"stage": Stage.WAITING, "state": State.IDLE}) for pilot, made in added if made]
        if new:
            self._tell(new)

    def _tell(self, changes: Sequence[Change]) -> None:
        for listener in self._listeners:
            listener(changes)


_HELD_TESTS = (
    select_pilots()
    .where(pilots.c.state == State.HELD.value, pilots.c.purpose == Purpose.TEST.value)
    .order_by(pilots.c.id)
)
_IDS = (
    sa.select(pilots.c.id)
    .where(pilots.c.stage == sa.bindparam("stage"), pilots.c.cluster == sa.bindparam("cluster"))
    .order_by(pilots.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_MANY = select_pilots().where(pilots.c.id.in_(sa.bindparam("ids", expanding=True))).order_by(pilots.c.id)
_ONE = select_pilots().where(pilots.c.id == sa.bindparam("pilot_id"))


@cache
def _at_stage(
    stages: frozenset[Stage], *, cluster: bool, ending: bool, tests: bool | None, limit: bool, spec: bool
) -> sa.Select[Any]:
    """Made once for each form: making such a statement costs more than running it."""
    wanted = select_pilots(spec=spec).where(pilots.c.stage.in_(sorted(stage.value for stage in stages)))
    if cluster:
        wanted = wanted.where(pilots.c.cluster == sa.bindparam("cluster"))
    if ending:
        wanted = wanted.where(pilots.c.goal != Goal.RUN.value)
    if tests is not None:
        sent = pilots.c.purpose == Purpose.PILOT.value
        wanted = wanted.where(~sent if tests else sent)
    wanted = wanted.where(pilots.c.id > sa.bindparam("after")).order_by(pilots.c.id)
    return wanted.limit(sa.bindparam("limit", type_=sa.Integer)) if limit else wanted


def _pilots(connection: sa.Connection, wanted: sa.Select[Any], values: dict[str, Any]) -> list[Pilot]:
    """In the reader's thread, some rows at a time: thousands of pilots are not there twice.

    On PostgreSQL by a cursor of the server's, since its client keeps all rows of an answer until the end; a
    few pilots are not worth that. Its plan is one for all rows: hosted_ce.store.postgresql sees to that.
    """
    some = {} if "limit" in values else {"yield_per": ROWS_AT_ONCE}
    return [pilot_of(row) for row in connection.execute(wanted, values, execution_options=some)]


def _with_request(change: Change, asked: str) -> Change:
    """Its event has the id of the HTTP request that asked for it."""
    event = change.event
    return replace(change, event=replace(event, data={**event.data, REQUEST_ID: asked})) if event else change


def _all(wanted: sa.Select[Any], connection: sa.Connection) -> Sequence[Any]:
    return connection.execute(wanted).all()
