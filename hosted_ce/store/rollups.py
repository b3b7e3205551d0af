"""Sums over buckets of time. All that is added comes from the one writer: nothing is counted twice.

What happens to pilots is added in the transaction that changes them, what lasts once for each bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage
from hosted_ce.rollups.buckets import LEVELS
from hosted_ce.rollups.chart import Chart, Period, chart, grid
from hosted_ce.rollups.happenings import happened
from hosted_ce.rollups.points import Amount, Key, Series, at_all_levels, merged
from hosted_ce.rollups.watch import Lasting, Sample
from hosted_ce.store.database import Database
from hosted_ce.store.tables import pilots, rollups, tallies

OPEN_STATES = ("idle", "running", "held", "unknown")
OLDEST_AT_ONCE = 2
"""Of each width and series so many of the oldest buckets go at a time: also a clock that ran off by years
cannot take the history with it before somebody sees it."""

_ADD = sa.text(
    "INSERT INTO rollups (width_s, series, start, route, kind, amount, weight)"
    " VALUES (:width_s, :series, :start, :route, :kind, :amount, :weight)"
    " ON CONFLICT (width_s, series, start, route, kind) DO UPDATE"
    " SET amount = rollups.amount + excluded.amount, weight = rollups.weight + excluded.weight"
)
_of = sa.and_(rollups.c.width_s == sa.bindparam("width_s"), rollups.c.series == sa.bindparam("series"))
_OLDEST = (
    sa.select(rollups.c.start)
    .where(_of, rollups.c.start < sa.bindparam("before"))
    .distinct()
    .order_by(rollups.c.start)
    .limit(OLDEST_AT_ONCE)
)
_FORGET = sa.delete(rollups).where(_of, rollups.c.start.in_(_OLDEST))
_BY_STATE = (
    sa.select(tallies.c.route, tallies.c.state, sa.func.sum(tallies.c.number))
    .where(tallies.c.state.in_(OPEN_STATES), tallies.c.purpose == Purpose.PILOT.value)
    .group_by(tallies.c.route, tallies.c.state)
)
_CORES = (
    sa.select(pilots.c.route, sa.func.sum(sa.func.coalesce(pilots.c.cores, 1)))
    .where(pilots.c.stage == Stage.RUNNING.value, pilots.c.purpose == Purpose.PILOT.value)
    .group_by(pilots.c.route)
)


class ChartBy(StrEnum):
    """What the lines of a chart are of."""

    TOTAL = "total"
    ROUTE = "route"
    KIND = "kind"


def count_happenings(connection: sa.Connection, changes: Iterable[Change], now: float) -> None:
    """Adds what applied changes say to the buckets of now."""
    add_points(connection, merged(*(happened(change, now) for change in changes)))


def add_points(connection: sa.Connection, points: Mapping[Key, Amount]) -> None:
    """Adds sums of the finest width to the buckets of every width."""
    rows = [
        {"width_s": width, **key._asdict(), "series": key.series.value, **amount._asdict()}
        for width, found in at_all_levels(points).items()
        for key, amount in found.items()
    ]
    if rows:
        connection.execute(_ADD, rows)


def forget_old(connection: sa.Connection, now: float) -> None:
    """Removes the oldest buckets of those that are kept no longer."""
    for level in LEVELS:
        for series in Series:
            given = {"width_s": level.width_s, "series": series.value, "before": now - level.kept_s}
            connection.execute(_FORGET, given)


def sample_of(connection: sa.Connection) -> Sample:
    """The numbers of now. Looks at the pilots that run, and otherwise at numbers that are kept."""
    found = {
        Lasting(Series.PILOTS, route, state): float(number)
        for route, state, number in connection.execute(_BY_STATE)
    }
    return found | {
        Lasting(Series.CORES, route or ""): float(cores) for route, cores in connection.execute(_CORES)
    }


class Rollups:
    """Keeps the buckets, and makes charts of them."""

    def __init__(self, database: Database):
        self._database = database

    async def sample(self) -> Sample:
        """The numbers of now."""
        return await self._database.read(sample_of)

    async def add(self, points: Mapping[Key, Amount], now: float) -> None:
        """Adds what was watched, and lets go of what is too old, in one commit."""

        def work(connection: sa.Connection) -> None:
            add_points(connection, points)
            forget_old(connection, now)

        await self._database.write(work)

    async def chart(
        self, series: Series, period: Period, by: ChartBy, now: float, *, kind: str | None = None,
        route: str | None = None,
    ) -> Chart:  # fmt: skip
        """The columns of one series over a period, a line for each route or kind.

        `kind`, `route`: only this one.
        """
        x = grid(period, now)
        given = {"width_s": x.step, "first": x.start}

        def work(connection: sa.Connection) -> tuple[Any, Any]:
            seen = connection.execute(_SUMS[ChartBy.TOTAL], {**given, "series": Series.WATCHED.value}).all()
            only = {rollups.c.kind: kind, rollups.c.route: route}
            wanted = _SUMS[by].where(
                *(column == value for column, value in only.items() if value is not None)
            )
            return seen, connection.execute(wanted, {**given, "series": series.value}).all()

        seen, rows = await self._database.read(work)
        watched = {start: amount for start, _, amount, _ in seen}
        points = [(start, name, Amount(amount, weight)) for start, name, amount, weight in rows]
        return chart(series, x, points, watched)


_NAMES: dict[ChartBy, Any] = {
    ChartBy.TOTAL: sa.literal(""),
    ChartBy.ROUTE: rollups.c.route,
    ChartBy.KIND: rollups.c.kind,
}
_SUMS = {
    by: sa.select(
        rollups.c.start, name.label("name"), sa.func.sum(rollups.c.amount), sa.func.sum(rollups.c.weight)
    )
    .where(_of, rollups.c.start >= sa.bindparam("first"))
    .group_by(rollups.c.start, "name")
    for by, name in _NAMES.items()
}
