"""Updates pilots, each only if it is still of the version that its change was computed from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.store.tables import pilots

_VERSIONS = (
    # Locked until the end of the transaction: what is found here is what the updates find. SQLite has no such
    # lock and needs none, since its transaction keeps every other writer out.
    sa.select(pilots.c.id, pilots.c.version)
    .where(pilots.c.id.in_(sa.bindparam("ids", expanding=True)))
    .with_for_update()
)


def update_pilots(connection: sa.Connection, changes: Sequence[Change], now: float) -> list[Change]:
    """Updates the pilots of these changes, of each pilot one; returns the changes that were not outdated."""
    if len(changes) == 1:
        [change] = changes
        columns, row = _columns_and_row(change, now)
        updated = connection.execute(_statement(columns), row).rowcount == 1
        return [change] if updated else []
    current = _current(connection, changes)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in current:
        columns, row = _columns_and_row(change, now)
        alike.setdefault(columns, []).append(row)
    for columns, rows in alike.items():
        connection.execute(_statement(columns), rows)
    return current


def next_number(pilot: Pilot) -> int:
    """The number of the attempt that begins next."""
    return pilot.attempt.number + 1 if pilot.attempt else 1


def _current(connection: sa.Connection, changes: Sequence[Change]) -> list[Change]:
    ids = [change.pilot.id for change in changes]
    versions = {pilot_id: version for pilot_id, version in connection.execute(_VERSIONS, {"ids": ids})}
    return [change for change in changes if versions.get(change.pilot.id) == change.pilot.version]


def _columns_and_row(change: Change, now: float) -> tuple[tuple[str, ...], dict[str, Any]]:
    pilot = change.pilot
    values: dict[str, Any] = {**change.update, "version": pilot.version + 1}
    if change.update.get("state", pilot.state) is not pilot.state:
        values["changed_at"] = now
    if change.begin:
        values.update(attempt=next_number(pilot), route=change.begin.route, cluster=change.begin.cluster)
    if change.begin or "outcome_class" in change.attempt:
        values["outcome_class"] = None if change.begin else change.attempt.get("outcome_class")
    guard = {"the_id": pilot.id, "the_version": pilot.version}
    return tuple(sorted(values)), {**guard, **values}


@cache
def _statement(columns: tuple[str, ...]) -> sa.Update:
    """Made once for each set of columns: making one costs more than running it."""
    unchanged = sa.and_(
        pilots.c.id == sa.bindparam("the_id"), pilots.c.version == sa.bindparam("the_version")
    )
    return sa.update(pilots).where(unchanged).values({name: sa.bindparam(name) for name in columns})
