"""How attempts ended, by hour, entry, factory, route and outcome: numbers that are kept as they end.

The one writer keeps the numbers, in the transaction that changes the pilot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change
from hosted_ce.store.tables import endings

HOUR_S = 3600
KEPT_HOURS = 24 * 8


class Ending(NamedTuple):
    """What ends are counted by; an empty text where there is none."""

    hour: int
    entry: str
    factory: str
    route: str
    outcome: str


class Ended(NamedTuple):
    """How many ended so, and how many of them with an exit code other than 0."""

    number: int = 0
    nonzero: int = 0

    def plus(self, other: Ended) -> Self:
        """Both together."""
        return type(self)(self.number + other.number, self.nonzero + other.nonzero)


_MORE = (
    sa.update(endings)
    .where(*(endings.c[name] == sa.bindparam(f"the_{name}") for name in Ending._fields))
    .values({name: endings.c[name] + sa.bindparam(f"more_{name}") for name in Ended._fields})
)
_FIRST = sa.insert(endings)
_OLD = sa.delete(endings).where(endings.c.hour < sa.bindparam("before"))


def count_endings(connection: sa.Connection, changes: Iterable[Change], now: float) -> None:
    """Counts the ends of attempts, where applied changes say so."""
    for ending, ended in endings_of(changes, now).items():
        the = {f"the_{name}": value for name, value in ending._asdict().items()}
        more = {f"more_{name}": value for name, value in ended._asdict().items()}
        if connection.execute(_MORE, {**the, **more}).rowcount == 0:
            connection.execute(_OLD, {"before": ending.hour - KEPT_HOURS})
            connection.execute(_FIRST, {**ending._asdict(), **ended._asdict()})


def endings_of(changes: Iterable[Change], now: float) -> dict[Ending, Ended]:
    """The ends that these changes tell of, summed up."""
    found: dict[Ending, Ended] = {}
    for change in changes:
        if (ending := _ending(change, now)) is not None:
            found[ending] = found.get(ending, Ended()).plus(Ended(1, _nonzero(change)))
    return found


def _ending(change: Change, now: float) -> Ending | None:
    pilot, attempt = change.pilot, change.pilot.attempt
    if change.begin or attempt is None or attempt.closed_at or not change.attempt.get("closed_at"):
        return None
    outcome = change.attempt.get("outcome", attempt.outcome)
    if outcome is None:
        return None
    hour = int(now // HOUR_S)
    return Ending(hour, pilot.entry or "", pilot.factory or "", attempt.route, outcome.value)


def _nonzero(change: Change) -> int:
    known = change.pilot.attempt.exit_code if change.pilot.attempt else None
    return int(bool(change.attempt.get("exit_code", known)))
