"""Numbers of pilots by kind that are kept as pilots change, so that nobody has to count them.

The one writer keeps them, in the transaction that changes the pilot: they are never off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import FINAL, State
from hosted_ce.store.kinds import Kind, Moves, moves_of
from hosted_ce.store.tables import tallies

_ENTER = sa.text(
    "INSERT INTO tallies (entry, factory, route, cluster, vo, account, purpose, state, number, last_at)"
    " VALUES (:entry, :factory, :route, :cluster, :vo, :account, :purpose, :state, :number, :last_at)"
    " ON CONFLICT (entry, factory, route, cluster, vo, account, purpose, state) DO UPDATE"
    " SET number = tallies.number + excluded.number, last_at = excluded.last_at"
)
_LEAVE = (
    sa.update(tallies)
    .where(*(tallies.c[name] == sa.bindparam(f"the_{name}") for name in Kind._fields))
    .values(number=tallies.c.number - sa.bindparam("fewer", type_=sa.Integer))
)


def count_new(connection: sa.Connection, pilots: Iterable[Pilot], now: float) -> None:
    """Counts new pilots."""
    _move(connection, Moves(entered=Counter(map(Kind.of, pilots))), now)


def count_changes(connection: sa.Connection, changes: Sequence[Change], now: float) -> None:
    """Counts what applied changes made of their pilots."""
    _move(connection, moves_of(changes), now)


def _move(connection: sa.Connection, moves: Moves, now: float) -> None:
    entered = [{**kind._asdict(), "number": number, "last_at": now} for kind, number in moves.entered.items()]
    left = [
        {"fewer": number, **{f"the_{name}": value for name, value in kind._asdict().items()}}
        for kind, number in moves.left.items()
    ]
    for statement, rows in ((_ENTER, entered), (_LEAVE, left)):
        if rows:
            connection.execute(statement, rows)


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
