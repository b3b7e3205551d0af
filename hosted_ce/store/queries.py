"""What the API asks: pages, counts, histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Attempt, Pilot
from hosted_ce.pilots.states import State
from hosted_ce.store.database import Database
from hosted_ce.store.filters import LOOKED_AT, Filter, Order, Question
from hosted_ce.store.rows import attempt_of, pilot_of, select_pilots
from hosted_ce.store.tables import attempts, events, pilots
from hosted_ce.store.tallies import counts_of, kinds_of, open_tests, sent


@dataclass(frozen=True, slots=True)
class Listing:
    """Some pilots, and how many there are."""

    pilots: list[Pilot]
    after: tuple[float, ...] | None
    """Where the next ones are; None: there are no more."""
    matching: dict[State, int] | None
    """How many match, by state; None: too many would have to be looked at."""
    counts: dict[State, int]
    """How many there are all in all, by state, test pilots and checks left out."""


NOTHING = Listing([], None, dict.fromkeys(State, 0), dict.fromkeys(State, 0))


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

    async def listing(
        self,
        wanted: Filter,
        *,
        order: Order = Order.CREATED,
        after: tuple[float, ...] | None = None,
        limit: int,
    ) -> Listing:
        """Up to `limit` pilots behind `after`, and how many match.

        There may be fewer although there are more: no more than LOOKED_AT are looked at.
        """
        return await self._database.read(lambda connection: _listing(connection, wanted, order, after, limit))

    async def page(self, wanted: Filter, *, before: int | None, limit: int) -> list[Pilot]:
        """Up to `limit` pilots with ids below `before`, newest first."""
        after = None if before is None else (before,)
        return (await self.listing(wanted, after=after, limit=limit)).pilots

    async def counts(self) -> dict[State, int]:
        """How many pilots are in each state, test pilots and checks left out."""
        return await self._database.read(sent)

    async def tests(self) -> int:
        """How many test pilots and checks are not over."""
        return await self._database.read(open_tests)

    async def has_key(self, owner: str, key: str) -> bool:
        """Whether a pilot of this owner was asked for with this idempotency key."""
        select = sa.select(pilots.c.id).where(pilots.c.owner == owner, pilots.c.idempotency_key == key)
        return await self._database.read(lambda connection: connection.scalar(select)) is not None

    async def kinds(self, most: int) -> dict[str, list[str]]:
        """The entries, factories, routes, clusters, VOs and accounts of pilots, so many of each at most."""
        return await self._database.read(lambda connection: kinds_of(connection, most))

    async def history(self, pilot_id: int) -> list[EventRow]:
        """What happened to a pilot, oldest first."""
        select = sa.select(events).where(events.c.pilot_id == pilot_id).order_by(events.c.id)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [EventRow(r.at, r.what, r.actor, State(r.state), r.reason, r.data) for r in rows]

    async def attempts(self, pilot_id: int) -> list[Attempt]:
        """All tries to run a pilot, oldest first."""
        select = sa.select(attempts).where(attempts.c.pilot_id == pilot_id).order_by(attempts.c.number)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [attempt_of(row) for row in rows]

    async def revision(self) -> str | None:
        """The schema's revision: proves that the database answers."""
        select = sa.text("SELECT version_num FROM alembic_version")
        return await self._database.read(lambda connection: connection.execute(select).scalar())


def _listing(
    connection: sa.Connection, wanted: Filter, order: Order, after: tuple[float, ...] | None, limit: int
) -> Listing:
    question = Question(connection, wanted, order)
    keys, more = _keys(connection, question, after, limit)
    ids = [key[-1] for key in keys]
    found = connection.execute(select_pilots().where(pilots.c.id.in_(ids)))
    by_id = {row.id: pilot_of(row) for row in found}
    pages = [by_id[each] for each in ids]
    return Listing(pages, more, _matching(connection, question), sent(connection))


def _keys(
    connection: sa.Connection, question: Question, after: tuple[float, ...] | None, limit: int
) -> tuple[list[Any], tuple[float, ...] | None]:
    if not question.checked:
        found = connection.execute(question.candidates(after, limit + 1)).all()
        return list(found[:limit]), tuple(found[limit - 1]) if len(found) > limit else None
    keys: Sequence[Any] = ()
    for most in (min(2 * limit, LOOKED_AT), LOOKED_AT):  # most of them match, as a rule
        keys = _checked_keys(connection, question, after, limit + 1, most)
        if len(keys) > limit:
            return list(keys[:limit]), tuple(keys[limit - 1])
    last = connection.execute(question.candidates(after, 1).offset(LOOKED_AT - 1)).first()
    return list(keys), tuple(last) if last else None


def _checked_keys(
    connection: sa.Connection, question: Question, after: tuple[float, ...] | None, limit: int, most: int
) -> Sequence[Any]:
    looked_at = question.candidates(after, most).subquery()
    checked = sa.select(*question.keys).where(
        pilots.c.id.in_(sa.select(looked_at.c.id)), *question.checked.values()
    )
    return connection.execute(checked.order_by(*(key.desc() for key in question.keys)).limit(limit)).all()


def _matching(connection: sa.Connection, question: Question) -> dict[State, int] | None:
    if (kinds := question.of_kinds()) is not None:
        return counts_of(connection, *kinds)
    if question.size is not None and question.size > LOOKED_AT:
        return None
    some = question.candidates(None, LOOKED_AT + 1).subquery()
    number = sa.select(sa.func.count()).select_from(some)
    if question.size is None and (connection.scalar(number) or 0) > LOOKED_AT:
        return None
    select = sa.select(pilots.c.state, sa.func.count()).where(
        pilots.c.id.in_(sa.select(some.c.id)), *question.checked.values()
    )
    found = connection.execute(select.group_by(pilots.c.state))
    return {state: 0 for state in State} | {State(state): number for state, number in found}
