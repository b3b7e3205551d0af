"""Writes changes: guarded by the version that they were computed from, with their event, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
import structlog

from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Pilot
from hosted_ce.pilots.states import IllegalChange, State, check_change
from hosted_ce.redaction import Redactor
from hosted_ce.store.contributions import count_contribution
from hosted_ce.store.rollups import count_happening
from hosted_ce.store.tables import attempts, events, pilots
from hosted_ce.store.tallies import count_change, count_ending

log = structlog.get_logger(__name__)
_REDACTOR = Redactor()
_INSERT_EVENT = sa.insert(events)
_INSERT_ATTEMPT = sa.insert(attempts)


def apply_changes(connection: sa.Connection, changes: Iterable[Change], now: float) -> list[Change]:
    """Applies what is not outdated and legal; returns what was applied.

    An illegal change is a mistake of ours. It is logged and left out: it must not keep the other pilots'
    changes from being written.
    """
    return [change for change in changes if _is_legal(change) and _apply(connection, change, now)]


def record_event(connection: sa.Connection, pilot_id: int, state: State, event: Event, now: float) -> None:
    """Adds one event row."""
    row = {
        "pilot_id": pilot_id,
        "at": now,
        "what": event.what,
        "actor": event.actor,
        "state": state.value,
        "reason": event.reason,
        "data": _REDACTOR.value(event.data),
    }
    connection.execute(_INSERT_EVENT, row)


def _is_legal(change: Change) -> bool:
    pilot = change.pilot
    state = change.update.get("state", pilot.state)
    try:
        check_change(pilot.state, state)
    except IllegalChange:
        log.exception("an illegal change was left out", pilot=pilot.id)
        return False
    if state is not pilot.state and change.event is None:
        log.error("a change of state without an event was left out", pilot=pilot.id, state=state.value)
        return False
    return True


def _apply(connection: sa.Connection, change: Change, now: float) -> bool:
    pilot = change.pilot
    state = change.update.get("state", pilot.state)
    if not _update_pilot(connection, change, state, now):
        return False
    count_change(connection, change, now)
    if pilot.purpose.counts:
        count_ending(connection, change, now)
        count_happening(connection, change, now)
        count_contribution(connection, change, now)
    if change.begin:
        _insert_attempt(connection, pilot, change.begin, now)
    elif change.attempt and pilot.attempt:
        parameters = {"the_id": pilot.attempt.id, **change.attempt}
        connection.execute(_attempt_statement(tuple(sorted(change.attempt))), parameters)
    if change.event:
        record_event(connection, pilot.id, state, change.event, now)
    return True


def _update_pilot(connection: sa.Connection, change: Change, state: State, now: float) -> bool:
    pilot = change.pilot
    values: dict[str, Any] = {**change.update, "version": pilot.version + 1}
    if state is not pilot.state:
        values["changed_at"] = now
    if change.begin:
        values.update(attempt=_next_number(pilot), route=change.begin.route, cluster=change.begin.cluster)
    if change.begin or "outcome_class" in change.attempt:
        values["outcome_class"] = None if change.begin else change.attempt.get("outcome_class")
    statement = _pilot_statement(tuple(sorted(values)))
    parameters = {"the_id": pilot.id, "the_version": pilot.version, **values}
    return connection.execute(statement, parameters).rowcount == 1


@cache
def _pilot_statement(columns: tuple[str, ...]) -> sa.Update:
    """Made once for each set of columns: making one costs more than running it."""
    unchanged = sa.and_(
        pilots.c.id == sa.bindparam("the_id"), pilots.c.version == sa.bindparam("the_version")
    )
    return sa.update(pilots).where(unchanged).values({name: sa.bindparam(name) for name in columns})


@cache
def _attempt_statement(columns: tuple[str, ...]) -> sa.Update:
    of_it = attempts.c.id == sa.bindparam("the_id")
    return sa.update(attempts).where(of_it).values({name: sa.bindparam(name) for name in columns})


def _insert_attempt(connection: sa.Connection, pilot: Pilot, new: NewAttempt, now: float) -> None:
    row = {
        "pilot_id": pilot.id,
        "number": _next_number(pilot),
        "stamp": new.stamp,
        "route": new.route,
        "cluster": new.cluster,
        "request": dict(new.request),
        "created_at": now,
    }
    connection.execute(_INSERT_ATTEMPT, row)


def _next_number(pilot: Pilot) -> int:
    return pilot.attempt.number + 1 if pilot.attempt else 1
