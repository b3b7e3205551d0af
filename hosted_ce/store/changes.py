"""Writes changes: guarded by the version that they were computed from, with their event, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Event, NewAttempt, Pilot
from hosted_ce.pilots.states import State, check_change
from hosted_ce.store.tables import attempts, events, pilots


def apply_changes(connection: sa.Connection, changes: Iterable[Change], now: float) -> list[Change]:
    """Applies what is not outdated; returns what was applied. Raises IllegalChange for an illegal one."""
    return [change for change in changes if _apply(connection, change, now)]


def record_event(connection: sa.Connection, pilot_id: int, state: State, event: Event, now: float) -> None:
    """Adds one event row."""
    connection.execute(
        sa.insert(events).values(
            pilot_id=pilot_id, at=now, what=event.what, actor=event.actor, state=state.value,
            reason=event.reason, data=dict(event.data),
        )
    )  # fmt: skip


def _apply(connection: sa.Connection, change: Change, now: float) -> bool:
    pilot = change.pilot
    state = change.update.get("state", pilot.state)
    check_change(pilot.state, state)
    if state is not pilot.state and change.event is None:
        raise ValueError(f"pilot {pilot.id}: a change of state needs an event")
    if not _update_pilot(connection, change, state, now):
        return False
    if change.begin:
        _insert_attempt(connection, pilot, change.begin, now)
    elif change.attempt and pilot.attempt:
        values: dict[str, Any] = dict(change.attempt)
        connection.execute(sa.update(attempts).where(attempts.c.id == pilot.attempt.id).values(values))
    if change.event:
        record_event(connection, pilot.id, state, change.event, now)
    return True


def _update_pilot(connection: sa.Connection, change: Change, state: State, now: float) -> bool:
    pilot = change.pilot
    values: dict[str, Any] = dict(change.update)
    values["version"] = pilot.version + 1
    if state is not pilot.state:
        values["changed_at"] = now
    if change.begin:
        values.update(attempt=_next_number(pilot), route=change.begin.route, cluster=change.begin.cluster)
    unchanged = sa.and_(pilots.c.id == pilot.id, pilots.c.version == pilot.version)
    return connection.execute(sa.update(pilots).where(unchanged).values(values)).rowcount == 1


def _insert_attempt(connection: sa.Connection, pilot: Pilot, new: NewAttempt, now: float) -> None:
    connection.execute(
        sa.insert(attempts).values(
            pilot_id=pilot.id, number=_next_number(pilot), stamp=new.stamp, route=new.route,
            cluster=new.cluster, request=dict(new.request), created_at=now,
        )
    )  # fmt: skip


def _next_number(pilot: Pilot) -> int:
    return pilot.attempt.number + 1 if pilot.attempt else 1
