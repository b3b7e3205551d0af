"""Writes changes: guarded by the version that they were computed from, with their event, or not at all.

Many are written in few statements: on PostgreSQL each is a way to the server and back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
import structlog

from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Pilot
from hosted_ce.pilots.states import IllegalChange, State, check_change
from hosted_ce.redaction import Redactor
from hosted_ce.store.contributions import count_contributions
from hosted_ce.store.endings import count_endings
from hosted_ce.store.guarded import next_number, update_pilots
from hosted_ce.store.rollups import count_happenings
from hosted_ce.store.tables import attempts, events
from hosted_ce.store.tallies import count_changes

log = structlog.get_logger(__name__)
AT_ONCE = 500
"""So many changes are written together: it bounds what a statement carries."""
_REDACTOR = Redactor()
_INSERT_EVENT = sa.insert(events)
_INSERT_ATTEMPT = sa.insert(attempts)


def apply_changes(connection: sa.Connection, changes: Iterable[Change], now: float) -> list[Change]:
    """Applies what is not outdated and legal; returns what was applied, in the same order.

    An illegal change is a mistake of ours. It is logged and left out: it must not keep the other pilots'
    changes from being written.
    """
    applied = []
    for together in _apart(change for change in changes if _is_legal(change)):
        written = update_pilots(connection, together, now)
        _write_rest(connection, written, now)
        applied += written
    return applied


def _apart(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """In order, in parts that have each pilot once: one of its changes may build on the one before."""
    part: dict[int, Change] = {}
    for change in changes:
        if change.pilot.id in part or len(part) == AT_ONCE:
            yield list(part.values())
            part = {}
        part[change.pilot.id] = change
    if part:
        yield list(part.values())


def apply_each(
    connection: sa.Connection, wanted: Sequence[Sequence[Change]], now: float
) -> list[list[Change]]:
    """As `apply_changes` does with each of these in turn; returns what was applied of each."""
    applied = apply_changes(connection, chain.from_iterable(wanted), now)
    at = 0
    found = list[list[Change]]()
    for changes in wanted:
        mine = list[Change]()
        for change in changes:
            if at < len(applied) and applied[at] is change:
                mine.append(change)
                at += 1
        found.append(mine)
    return found


def event_rows(pilot_ids: Iterable[int], state: State, event: Event, now: float) -> list[dict[str, Any]]:
    """The same event of each of these pilots, for `record_events`."""
    row = _event_row(0, state, event, now)
    return [{**row, "pilot_id": pilot_id} for pilot_id in pilot_ids]


def record_events(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes events down."""
    if rows:
        connection.execute(_INSERT_EVENT, rows)


def _event_row(pilot_id: int, state: State, event: Event, now: float) -> dict[str, Any]:
    return {
        "pilot_id": pilot_id,
        "at": now,
        "what": event.what,
        "actor": event.actor,
        "state": state.value,
        "reason": event.reason,
        "data": _REDACTOR.value(event.data),
    }


def _state_after(change: Change) -> State:
    return change.update.get("state", change.pilot.state)


def _is_legal(change: Change) -> bool:
    pilot, state = change.pilot, _state_after(change)
    try:
        check_change(pilot.state, state)
    except IllegalChange:
        log.exception("an illegal change was left out", pilot=pilot.id)
        return False
    if state is not pilot.state and change.event is None:
        log.error("a change of state without an event was left out", pilot=pilot.id, state=state.value)
        return False
    return True


def _write_rest(connection: sa.Connection, applied: Sequence[Change], now: float) -> None:
    """What follows from changes that were applied, of each pilot one."""
    count_changes(connection, applied, now)
    counted = [change for change in applied if change.pilot.purpose.counts]
    count_endings(connection, counted, now)
    count_happenings(connection, counted, now)
    count_contributions(connection, counted, now)
    _write_attempts(connection, applied, now)
    rows = [
        _event_row(change.pilot.id, _state_after(change), change.event, now)
        for change in applied
        if change.event
    ]
    record_events(connection, rows)


def _write_attempts(connection: sa.Connection, applied: Sequence[Change], now: float) -> None:
    begun = [_attempt_row(change.pilot, change.begin, now) for change in applied if change.begin]
    if begun:
        connection.execute(_INSERT_ATTEMPT, begun)
    changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in applied:
        if change.attempt and change.pilot.attempt and not change.begin:
            row = {"the_id": change.pilot.attempt.id, **change.attempt}
            changed.setdefault(tuple(sorted(change.attempt)), []).append(row)
    for columns, rows in changed.items():
        connection.execute(_attempt_statement(columns), rows)


@cache
def _attempt_statement(columns: tuple[str, ...]) -> sa.Update:
    """Made once for each set of columns: making one costs more than running it."""
    of_it = attempts.c.id == sa.bindparam("the_id")
    return sa.update(attempts).where(of_it).values({name: sa.bindparam(name) for name in columns})


def _attempt_row(pilot: Pilot, new: NewAttempt, now: float) -> dict[str, Any]:
    return {
        "pilot_id": pilot.id,
        "number": next_number(pilot),
        "stamp": new.stamp,
        "route": new.route,
        "cluster": new.cluster,
        "request": dict(new.request),
        "created_at": now,
    }
