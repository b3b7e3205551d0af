"""What the site gave to pilots, by day, VO, route, entry and cluster.

The one writer adds to it in the transaction in which a run ends; what still runs is looked at when somebody
asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change
from hosted_ce.rollups.buckets import DAILY, DAY_S
from hosted_ce.rollups.shares import Share, shares_of
from hosted_ce.store.database import Database
from hosted_ce.store.running import Running, running_by
from hosted_ce.store.tables import contributions

KEPT_DAYS = DAILY.kept_s // DAY_S
MOST_KINDS = 1000
"""Of one day; further ones are counted together."""
OTHERS = "(others)"
"""The VO and entry of those."""
OLDEST_AT_ONCE = 2
"""So many of the oldest days go when a day's first row comes: a wrong clock must not take years with it."""


class By(StrEnum):
    """What contributions are summed up by."""

    VO = "vo"
    ROUTE = "route"
    ENTRY = "entry"
    CLUSTER = "cluster"


class Kind(NamedTuple):
    """Whose it is; an empty text where there is none."""

    vo: str
    route: str
    entry: str
    cluster: str


@dataclass(slots=True)
class Contribution:
    """Of one VO, route, entry or cluster; `name` is None for pilots without one."""

    name: str | None
    share: Share = field(default_factory=Share)
    """Of the runs that are over."""
    running: int = 0
    """Pilots that run now, or ended and whose outputs are being fetched."""
    running_s: float = 0.0
    """Core seconds of theirs so far."""
    running_not_known: int = 0
    """Those of them of which nobody knows since when they run."""


@dataclass(frozen=True, slots=True)
class Contributed:
    """An answer: the one that was given most comes first."""

    rows: Sequence[Contribution]
    first_day: int | None
    """The first day of which anything is on record, since the epoch; None: there is none."""


_same = sa.and_(
    contributions.c.day == sa.bindparam("the_day"),
    *(contributions.c[name] == sa.bindparam(f"the_{name}") for name in Kind._fields),
)
_MORE = (
    sa.update(contributions)
    .where(_same)
    .values({name: contributions.c[name] + sa.bindparam(f"more_{name}") for name in Share._fields})
)
_NEW = sa.insert(contributions)
_KINDS = sa.select(sa.func.count()).where(contributions.c.day == sa.bindparam("day"))
_OLDEST = (
    sa.select(contributions.c.day)
    .where(contributions.c.day < sa.bindparam("before"))
    .distinct()
    .order_by(contributions.c.day)
    .limit(OLDEST_AT_ONCE)
)
_FORGET = sa.delete(contributions).where(contributions.c.day.in_(_OLDEST))
_FIRST = sa.select(sa.func.min(contributions.c.day))
_SUMS = [sa.func.sum(contributions.c[name]) for name in Share._fields]


def count_contributions(connection: sa.Connection, changes: Iterable[Change], now: float) -> None:
    """Adds what applied changes say of runs that are over."""
    for (day, kind), share in contributed(changes, now).items():
        _add(connection, day, kind, share)


def contributed(changes: Iterable[Change], now: float) -> dict[tuple[int, Kind], Share]:
    """What these changes add to each day and kind, summed up, in the order in which each came first."""
    found: dict[tuple[int, Kind], Share] = {}
    for change in changes:
        pilot, attempt = change.pilot, change.pilot.attempt
        if attempt is None:
            continue
        kind = Kind(pilot.vo or "", attempt.route, pilot.entry or "", attempt.cluster)
        for day, share in shares_of(change, now).items():
            found[day, kind] = found.get((day, kind), Share()).plus(share)
    return found


def _add(connection: sa.Connection, day: int, kind: Kind, share: Share) -> None:
    more = {f"more_{name}": value for name, value in share._asdict().items()}
    the = {f"the_{name}": value for name, value in kind._asdict().items()}
    if connection.execute(_MORE, {"the_day": day, **the, **more}).rowcount:
        return
    known = connection.execute(_KINDS, {"day": day}).scalar_one()
    if known == 0:
        connection.execute(_FORGET, {"before": day - KEPT_DAYS})
    if known >= MOST_KINDS and kind.entry != OTHERS:
        _add(connection, day, kind._replace(vo=OTHERS, entry=OTHERS), share)
        return
    connection.execute(_NEW, {"day": day, **kind._asdict(), **share._asdict()})


class Contributions:
    """Answers what the site gave."""

    def __init__(self, database: Database):
        self._database = database

    async def between(self, first: int, last: int, by: By, now: float) -> Contributed:
        """From the first to the last day, both included, since the epoch; with what runs at `now`."""

        def work(connection: sa.Connection) -> tuple[Any, Any, list[Running]]:
            key = contributions.c[by.value]
            wanted = sa.select(key, *_SUMS).where(contributions.c.day.between(first, last)).group_by(key)
            over, oldest = connection.execute(wanted).all(), connection.execute(_FIRST).scalar()
            return over, oldest, running_by(connection, by.value, first * DAY_S, (last + 1) * DAY_S, now)

        over, oldest, running = await self._database.read(work)
        found = {name: Contribution(name or None, Share(*sums)) for name, *sums in over}
        for each in running:
            of = found.setdefault(each.name, Contribution(each.name or None))
            of.running, of.running_s, of.running_not_known = each.number, each.core_s, each.not_known
        rows = sorted(found.values(), key=lambda c: (-c.share.granted_s - c.running_s, c.name or ""))
        return Contributed(rows, oldest)
