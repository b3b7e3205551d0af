"""Numbers that are kept as pilots change, so that nobody has to count them: by kind, and how attempts ended.

The one writer keeps them, in the transaction that changes the pilot: they are never off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import FINAL, State
from hosted_ce.store.tables import endings, tallies

HOUR_S = 3600
KEPT_HOURS = 24 * 8


class Kind(NamedTuple):
    """What pilots are counted by; an empty text where there is none."""

    entry: str
    factory: str
    route: str
    cluster: str
    vo: str
    account: str
    purpose: str
    state: str

    @classmethod
    def of(cls, pilot: Pilot) -> Self:
        """The kind that the pilot is of."""
        route, cluster = (pilot.attempt.route, pilot.attempt.cluster) if pilot.attempt else ("", "")
        return cls(
            pilot.entry or "", pilot.factory or "", route, cluster, pilot.vo or "", pilot.account or "",
            pilot.purpose.value, pilot.state.value,
        )  # fmt: skip

    def after(self, change: Change) -> Self:
        """The kind that it is of after the change."""
        state = change.update.get("state", change.pilot.state)
        changed = self._replace(state=state.value, vo=change.update.get("vo", self.vo))
        if change.begin:
            changed = changed._replace(route=change.begin.route, cluster=change.begin.cluster)
        return changed


_same = sa.and_(*(tallies.c[name] == sa.bindparam(f"the_{name}") for name in Kind._fields))
_MORE = (
    sa.update(tallies)
    .where(_same)
    .values(number=tallies.c.number + 1, last_at=sa.bindparam("at", type_=sa.Float))
)
_FEWER = sa.update(tallies).where(_same).values(number=tallies.c.number - 1)
_NEW = sa.insert(tallies)
_ENDING = ("hour", "entry", "factory", "route", "outcome")
_ANOTHER = (
    sa.update(endings)
    .where(*(endings.c[name] == sa.bindparam(f"the_{name}") for name in _ENDING))
    .values(number=endings.c.number + 1, nonzero=endings.c.nonzero + sa.bindparam("bad", type_=sa.Integer))
)
_FIRST = sa.insert(endings)
_OLD = sa.delete(endings).where(endings.c.hour < sa.bindparam("before"))


def count_new(connection: sa.Connection, pilot: Pilot, now: float) -> None:
    """Counts a new pilot."""
    _enter(connection, Kind.of(pilot), now)


def count_change(connection: sa.Connection, change: Change, now: float) -> None:
    """Counts what an applied change made of its pilot."""
    old = Kind.of(change.pilot)
    new = old.after(change)
    if new != old:
        connection.execute(_FEWER, _the(old._asdict()))
        _enter(connection, new, now)


def _enter(connection: sa.Connection, kind: Kind, now: float) -> None:
    if connection.execute(_MORE, {**_the(kind._asdict()), "at": now}).rowcount == 0:
        connection.execute(_NEW, {**kind._asdict(), "number": 1, "last_at": now})


def count_ending(connection: sa.Connection, change: Change, now: float) -> None:
    """Counts the end of its attempt, if this change says so."""
    attempt = change.pilot.attempt
    if change.begin or attempt is None or attempt.closed_at or not change.attempt.get("closed_at"):
        return
    outcome = change.attempt.get("outcome", attempt.outcome)
    if outcome is None:
        return
    hour = int(now // HOUR_S)
    row = {
        "hour": hour, "entry": change.pilot.entry or "", "factory": change.pilot.factory or "",
        "route": attempt.route, "outcome": outcome.value,
    }  # fmt: skip
    bad = int(bool(change.attempt.get("exit_code", attempt.exit_code)))
    if connection.execute(_ANOTHER, {**_the(row), "bad": bad}).rowcount == 0:
        connection.execute(_OLD, {"before": hour - KEPT_HOURS})
        connection.execute(_FIRST, {**row, "number": 1, "nonzero": bad})


def _the(row: Mapping[str, object]) -> dict[str, object]:
    return {f"the_{name}": value for name, value in row.items()}


def counts_of(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> dict[State, int]:
    """How many pilots are in each state, among those whose kind meets the conditions."""
    select = sa.select(tallies.c.state, sa.func.sum(tallies.c.number)).where(*conditions)
    found = connection.execute(select.group_by(tallies.c.state))
    return {state: 0 for state in State} | {State(state): number for state, number in found}


def sent(connection: sa.Connection) -> dict[State, int]:
    """How many pilots are in each state, test pilots and checks left out."""
    return counts_of(connection, tallies.c.purpose == Purpose.PILOT.value)


def open_tests(connection: sa.Connection) -> int:
    """How many test pilots and checks are not over."""
    found = counts_of(connection, tallies.c.purpose != Purpose.PILOT.value)
    return sum(number for state, number in found.items() if state not in (*FINAL, State.HELD))


def kinds_of(connection: sa.Connection, most: int) -> dict[str, list[str]]:
    """What pilots are counted by, except for states: the values of each in order, so many at most."""
    found: dict[str, list[str]] = {}
    for name in Kind._fields[:-1]:
        column = tallies.c[name]
        select = sa.select(column).where(column != "").distinct()
        found[name] = sorted(connection.scalars(select))[:most]  # databases sort texts in many ways
    return found
