"""What the CE's health is judged by. Asks for the pilots that are not over, and those of the last two days.

Test pilots and checks are left out: health is about pilots that were sent to work.

The state of a pilot is looked up by its index, so that a long history costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from hosted_ce.health.facts import PilotFacts
from hosted_ce.health.pressure import MEAN_OVER_S
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import State
from hosted_ce.store.database import Database
from hosted_ce.store.tables import attempts, pilots

IDLE = (State.IDLE.value, State.UNKNOWN.value)
_since = sa.bindparam("since", type_=sa.Float)
_now = sa.bindparam("now", type_=sa.Float)
_latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
_came = sa.case((pilots.c.created_at > _since, pilots.c.created_at), else_=_since)
_began = sa.case((attempts.c.started_at > _since, attempts.c.started_at), else_=_since)
_ended = sa.func.coalesce(attempts.c.ended_at, _now)
_cores = sa.func.coalesce(pilots.c.cores, 1)
_sent = pilots.c.purpose == Purpose.PILOT.value
_IDLE = sa.select(sa.func.count(), sa.func.sum(_now - _came)).where(pilots.c.state.in_(IDLE), _sent)
_HELD = sa.select(sa.func.count()).where(pilots.c.state == State.HELD.value, _sent)
_RUNNING = (
    sa.select(sa.func.count(), sa.func.sum(_cores), sa.func.sum(_cores * (_ended - _began)))
    .select_from(pilots.outerjoin(attempts, _latest))
    .where(pilots.c.state == State.RUNNING.value, _sent)
)
_RAN = (
    sa.select(sa.func.sum(_cores * (_ended - _began)))
    .select_from(attempts.join(pilots, pilots.c.id == attempts.c.pilot_id))
    .where(attempts.c.closed_at > _since, attempts.c.started_at.is_not(None), _ended > _began, _sent)
)
_FIRST = sa.select(pilots.c.created_at).where(_sent).order_by(pilots.c.id).limit(1)
_LAST_RUN = (
    sa.select(attempts.c.ended_at)
    .select_from(attempts.join(pilots, pilots.c.id == attempts.c.pilot_id))
    .where(attempts.c.closed_at.is_not(None), attempts.c.started_at.is_not(None), _sent)
    .order_by(attempts.c.closed_at.desc())
    .limit(1)
)


def pilot_facts(connection: sa.Connection, now: float) -> PilotFacts:
    """The pilots of this CE as of `now`."""
    times = {"since": now - MEAN_OVER_S, "now": now}
    idle, waited = connection.execute(_IDLE, times).one()
    running, cores, ran = connection.execute(_RUNNING, times).one()
    before: Any = connection.execute(_RAN, times).scalar()
    return PilotFacts(
        idle=idle,
        running=running,
        held=connection.execute(_HELD).scalar_one(),
        first_at=connection.execute(_FIRST).scalar(),
        ran_at=now if running else connection.execute(_LAST_RUN).scalar(),
        cores=cores or 0,
        mean_cores=max(0.0, ((ran or 0.0) + (before or 0.0)) / MEAN_OVER_S),
        mean_idle=max(0.0, (waited or 0.0) / MEAN_OVER_S),
    )


_OPEN = (*IDLE, State.RUNNING.value, State.HELD.value)
_BY_ROUTE = (
    sa.select(pilots.c.route, pilots.c.state, sa.func.count(), sa.func.min(pilots.c.created_at))
    .where(pilots.c.state.in_(_OPEN), _sent)
    .group_by(pilots.c.state, pilots.c.route)  # in this order: else all pilots are read along their routes
)


def open_pilots(connection: sa.Connection) -> tuple[dict[tuple[str, str], int], dict[str, float]]:
    """Pilots that are not over, by route and state; and when the oldest idle one came, by route.

    The route is empty for those that have none yet.
    """
    rows = connection.execute(_BY_ROUTE).all()
    counts = {(route or "", state): number for route, state, number, _ in rows}
    oldest = {route or "": since for route, state, _, since in rows if state == State.IDLE.value}
    return counts, oldest


def idle_ages(
    connection: sa.Connection, now: float, bounds: Sequence[float]
) -> dict[str, tuple[list[int], float]]:
    """Of the idle pilots by route: how many of each age, and all their ages together, in seconds.

    `bounds` are the ages, the shortest first; behind the numbers of those comes that of the older ones.
    """
    age = sa.literal(now) - pilots.c.created_at
    bucket = sa.case(*((age <= bound, number) for number, bound in enumerate(bounds)), else_=len(bounds))
    select = sa.select(pilots.c.route, bucket, sa.func.count(), sa.func.sum(age))
    rows = connection.execute(select.where(pilots.c.state.in_(IDLE), _sent).group_by(pilots.c.route, bucket))
    found: dict[str, tuple[list[int], float]] = {}
    for route, number, count, seconds in rows:
        numbers, before = found.get(route or "", ([0] * (len(bounds) + 1), 0.0))
        numbers[number] = count
        found[route or ""] = (numbers, before + max(0.0, seconds))
    return found


class Vitals:
    """Asks the database."""

    def __init__(self, database: Database):
        self._database = database

    async def pilots(self, now: float) -> PilotFacts:
        """The pilots of this CE as of `now`."""
        return await self._database.read(lambda connection: pilot_facts(connection, now))

    @property
    def commits(self) -> int:
        """How often this process has written something."""
        return self._database.commits
