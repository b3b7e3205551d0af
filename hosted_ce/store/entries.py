"""What a factory's operator asks of an entry: how many, since when, why, and how the last ones ended.

Test pilots and checks are in none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Outcome
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.database import Database
from hosted_ce.store.endings import HOUR_S
from hosted_ce.store.tables import attempts, endings, pilots, tallies

DAY_HOURS = 24
MOST_ENTRIES = 1000
MOST_REASONS = 1000
_SENT = pilots.c.purpose == Purpose.PILOT.value


@dataclass(frozen=True, slots=True)
class Which:
    """Of which pilots: every field that is set narrows it."""

    entry: str | None = None
    factory: str | None = None
    route: str | None = None

    def of(self, table: sa.Table) -> list[sa.ColumnElement[bool]]:
        """As conditions on a table that has these columns."""
        given = {"entry": self.entry, "factory": self.factory, "route": self.route}
        return [table.c[name] == value for name, value in given.items() if value is not None]

    def checked(self) -> list[sa.ColumnElement[bool]]:
        """As conditions on pilots that no index is chosen by: an entry's index has all that are over, too."""
        given = {"entry": self.entry, "factory": self.factory, "route": self.route}
        return [
            sa.func.coalesce(pilots.c[name], "") == value
            for name, value in given.items()
            if value is not None
        ]


@dataclass(frozen=True, slots=True)
class Why:
    """So many pilots have the same reason, the first of them since then."""

    reason: str | None
    pilots: int
    since: float
    cause: HoldCause | None = None


@dataclass(slots=True)
class EntrySummary:
    """One entry; `name` is None for pilots that name none. Times in seconds since the epoch."""

    name: str | None
    factories: set[str] = field(default_factory=set)
    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    routes: dict[str, dict[State, int]] = field(default_factory=dict)
    last_started_at: float | None = None
    """When one was seen to run last, as is when one was completed last."""
    last_completed_at: float | None = None
    idle_since: float | None = None
    """Since when the one that has been idle for longest is idle."""
    held: list[Why] = field(default_factory=list)
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    """How attempts ended in this hour and the 24 before."""
    nonzero: int = 0
    """How many of them had an exit code other than 0."""


@dataclass(frozen=True, slots=True)
class Pending:
    """So many pilots are in a cluster's queue for the same reason, in the batch system's own words."""

    cluster: str
    route: str
    state: str | None
    reason: str | None
    pilots: int
    since: float | None
    """When the first of them was submitted."""


class EntryQueries:
    """Read-only questions about many pilots at once. None of them looks at those that are over."""

    def __init__(self, database: Database):
        self._database = database

    async def entries(self, which: Which, now: float) -> list[EntrySummary]:
        """The entries, by name; those without a name first."""
        return await self._database.read(lambda connection: _entries(connection, which, now))

    async def waiting(self, which: Which) -> list[Why]:
        """Why idle pilots are idle, the most frequent reasons first."""
        return await self._database.read(lambda connection: _reasons(connection, which, State.IDLE))

    async def pending(self, which: Which | None = None) -> list[Pending]:
        """What the batch systems say about pilots in their queues, the most frequent reasons first."""
        return await self._database.read(lambda connection: _pending(connection, which or Which()))


def _entries(connection: sa.Connection, which: Which, now: float) -> list[EntrySummary]:
    found: dict[str, EntrySummary] = {}
    for row in connection.execute(_counts(which)):
        entry = found.setdefault(row.entry, EntrySummary(row.entry or None))
        _add_counts(entry, row)
    for name, since in connection.execute(_idle(which)):
        _add(found, name).idle_since = since
    for row in connection.execute(_held(which)):
        cause = HoldCause(row.hold_cause) if row.hold_cause else None
        _add(found, row.entry).held.append(Why(row.reason, row.number, row.since, cause))
    for row in connection.execute(_ended(which, now)):
        entry = _add(found, row.entry)
        entry.outcomes[Outcome(row.outcome)] = row.number
        entry.nonzero += row.nonzero
    return [found[name] for name in sorted(found)]


def _add(found: dict[str, EntrySummary], name: str | None) -> EntrySummary:
    return found.setdefault(name or "", EntrySummary(name or None))


def _add_counts(entry: EntrySummary, row: sa.Row[Any]) -> None:
    state = State(row.state)
    if row.number:
        entry.counts[state] += row.number
        by_route = entry.routes.setdefault(row.route, dict.fromkeys(State, 0))
        by_route[state] += row.number
    if row.factory:
        entry.factories.add(row.factory)
    if state is State.RUNNING:
        entry.last_started_at = max(entry.last_started_at or 0.0, row.last_at)
    if state is State.COMPLETED:
        entry.last_completed_at = max(entry.last_completed_at or 0.0, row.last_at)


def _counts(which: Which) -> sa.Select[Any]:
    keys = (tallies.c.entry, tallies.c.factory, tallies.c.route, tallies.c.state)
    numbers = (
        sa.func.sum(tallies.c.number).label("number"),
        sa.func.max(tallies.c.last_at).label("last_at"),
    )
    sent = tallies.c.purpose == Purpose.PILOT.value
    return sa.select(*keys, *numbers).where(sent, *which.of(tallies)).group_by(*keys)


def _idle(which: Which) -> sa.Select[Any]:
    idle = pilots.c.state == State.IDLE.value
    conditions = [idle, _SENT, *which.checked()]
    select = sa.select(pilots.c.entry, sa.func.min(pilots.c.changed_at)).where(*conditions)
    return select.group_by(pilots.c.entry)


def _held(which: Which) -> sa.Select[Any]:
    held = pilots.c.state == State.HELD.value
    keys = (pilots.c.entry, pilots.c.hold_cause, pilots.c.reason)
    return _grouped(keys, [held, *which.checked()])


def _grouped(
    keys: Sequence[sa.ColumnElement[Any]], conditions: Iterable[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    number, since = sa.func.count().label("number"), sa.func.min(pilots.c.changed_at).label("since")
    select = sa.select(*keys, number, since).where(_SENT, *conditions).group_by(*keys)
    return select.order_by(number.desc(), *keys).limit(MOST_REASONS)


def _ended(which: Which, now: float) -> sa.Select[Any]:
    lately = endings.c.hour >= int(now // HOUR_S) - DAY_HOURS
    keys = (endings.c.entry, endings.c.outcome)
    numbers = (
        sa.func.sum(endings.c.number).label("number"),
        sa.func.sum(endings.c.nonzero).label("nonzero"),
    )
    return sa.select(*keys, *numbers).where(lately, *which.of(endings)).group_by(*keys)


def _reasons(connection: sa.Connection, which: Which, state: State) -> list[Why]:
    select = _grouped((pilots.c.reason,), [pilots.c.state == state.value, *which.checked()])
    return [Why(row.reason, row.number, row.since) for row in connection.execute(select)]


def _pending(connection: sa.Connection, which: Which) -> list[Pending]:
    latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
    keys = (attempts.c.cluster, attempts.c.route, attempts.c.site_state, attempts.c.site_reason)
    number = sa.func.count().label("number")
    select = (
        sa.select(*keys, number, sa.func.min(attempts.c.submitted_at).label("since"))
        .select_from(pilots.join(attempts, latest))
        .where(pilots.c.stage == Stage.QUEUED.value, _SENT, *which.checked())
        .group_by(*keys)
        .order_by(number.desc(), *keys)
        .limit(MOST_REASONS)
    )
    return [
        Pending(row.cluster, row.route, row.site_state, row.site_reason, row.number, row.since)
        for row in connection.execute(select)
    ]
