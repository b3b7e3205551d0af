"""Runs that go on, summed up by the database: what hosted_ce.rollups.runs would say of each of them.

There may be thousands, and each of them would be an object first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Outcome
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage
from hosted_ce.rollups.runs import LONGEST_S
from hosted_ce.store.tables import attempts, pilots

Element = sa.ColumnElement[Any]


class Running(NamedTuple):
    """Pilots of one kind that run, or have ended and whose outputs are being fetched."""

    name: str
    number: int
    core_s: float
    """Core seconds in the time that was asked for."""
    not_known: int
    """How many of them are in no core second, since nobody knows since when they run."""


def _later(one: Element, other: Element) -> Element:
    return sa.case((one > other, one), else_=other)


def _earlier(one: Element, other: Element) -> Element:
    return sa.case((one < other, one), else_=other)


_now, _first, _end = (sa.bindparam(name, type_=sa.Float) for name in ("now", "first", "end"))
_latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
_begun = _later(attempts.c.started_at, attempts.c.created_at)
_ended = _earlier(sa.func.coalesce(attempts.c.ended_at, _now), _now)
_missed = sa.and_(attempts.c.outcome == Outcome.VANISHED.value, attempts.c.absent_since < _ended)
_over = _later(_begun, sa.case((_missed, attempts.c.absent_since), else_=_ended))
_cores = sa.func.coalesce(sa.func.nullif(attempts.c.granted["cpus"].as_integer(), 0), pilots.c.cores)
_known = sa.and_(attempts.c.started_at.is_not(None), _cores.is_not(None), _over - _begun <= LONGEST_S)
_seconds = _later(_earlier(_over, _end) - _later(_begun, _first), sa.literal(0.0))
_never_ran = sa.and_(
    attempts.c.started_at.is_(None),
    sa.func.coalesce(attempts.c.outcome, "").in_([Outcome.CANCELLED.value, Outcome.NOT_STARTED.value]),
)
_in_time = sa.or_(sa.not_(_known), sa.and_(_over >= _first, _begun < _end))


def running_by(connection: sa.Connection, by: str, first: float, end: float, now: float) -> list[Running]:
    """Runs of pilots between two times, by this column of theirs; an empty name where there is none."""
    name = sa.func.coalesce(pilots.c[by], "").label("name")
    select = (
        sa.select(
            name,
            sa.func.count(),
            sa.func.sum(sa.case((_known, _cores * _seconds), else_=0.0)),
            sa.func.sum(sa.case((_known, 0), else_=1)),
        )
        .select_from(pilots.join(attempts, _latest))
        .where(pilots.c.stage.in_([Stage.RUNNING.value, Stage.ENDED.value]), attempts.c.closed_at.is_(None))
        .where(sa.not_(_never_ran), _in_time, pilots.c.purpose == Purpose.PILOT.value)
        .group_by("name")
    )
    found = connection.execute(select, {"now": now, "first": first, "end": end})
    return [Running(*row) for row in found]
