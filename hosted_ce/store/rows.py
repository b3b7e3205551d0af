"""Rows to pilots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.pilots.unread import UNREAD
from hosted_ce.store.tables import attempts, pilots

_PREFIX = "a_"
_ATTEMPT_COLUMNS = [column for column in attempts.c if column.name != "pilot_id"]
_ATTEMPT_FIELDS = [column.name for column in _ATTEMPT_COLUMNS]
_PILOT_COLUMNS = [
    pilots.c.id, pilots.c.version, pilots.c.state, pilots.c.stage, pilots.c.goal, pilots.c.reason,
    pilots.c.spec, pilots.c.door, pilots.c.owner, pilots.c.created_at, pilots.c.changed_at,
    pilots.c.finished_at, pilots.c.next_attempt_at, pilots.c.account, pilots.c.idempotency_key,
    pilots.c.factory_job, pilots.c.door_open, pilots.c.door_holds, pilots.c.hold_cause, pilots.c.goal_reason,
    pilots.c.unroutable_since, pilots.c.vo, pilots.c.cores,
    pilots.c.entry, pilots.c.factory, pilots.c.purpose,
]  # fmt: skip


def select_pilots(*, spec: bool = True) -> sa.Select[Any]:
    """Pilots with their latest attempt, for `pilot_of`; without `spec` their specifications are not read."""
    unread = sa.null().label("spec")
    wanted = [unread if column is pilots.c.spec and not spec else column for column in _PILOT_COLUMNS]
    latest = sa.and_(attempts.c.pilot_id == pilots.c.id, attempts.c.number == pilots.c.attempt)
    columns = [*wanted, *(column.label(_PREFIX + column.name) for column in _ATTEMPT_COLUMNS)]
    return sa.select(*columns).select_from(pilots.outerjoin(attempts, latest))


def pilot_of(row: sa.Row[Any]) -> Pilot:
    """The pilot of a row that `select_pilots` asked for."""
    data = row._mapping
    return Pilot(
        id=data["id"],
        version=data["version"],
        state=State(data["state"]),
        stage=Stage(data["stage"]),
        goal=Goal(data["goal"]),
        reason=data["reason"],
        spec=UNREAD if data["spec"] is None else data["spec"],
        door=data["door"],
        owner=data["owner"],
        created_at=data["created_at"],
        changed_at=data["changed_at"],
        finished_at=data["finished_at"],
        next_attempt_at=data["next_attempt_at"],
        account=data["account"],
        door_key=data["idempotency_key"],
        factory_job=data["factory_job"],
        door_open=data["door_open"],
        door_holds=data["door_holds"],
        goal_reason=data["goal_reason"],
        hold_cause=HoldCause(data["hold_cause"]) if data["hold_cause"] else None,
        unroutable_since=data["unroutable_since"],
        vo=data["vo"],
        cores=data["cores"],
        entry=data["entry"],
        factory=data["factory"],
        purpose=Purpose(data["purpose"]),
        attempt=_attempt_of(data["id"], row[-len(_ATTEMPT_FIELDS) :]),
    )


def attempt_of(row: sa.Row[Any]) -> Attempt:
    """The attempt of a row of their table."""
    return _attempt(dict(row._mapping))


def _attempt_of(pilot_id: int, values: Sequence[Any]) -> Attempt | None:
    """By position: looking each value up by its name costs three times as much."""
    found = dict(zip(_ATTEMPT_FIELDS, values, strict=True))
    return _attempt({"pilot_id": pilot_id, **found}) if found["id"] is not None else None


def _attempt(values: dict[str, Any]) -> Attempt:
    outcome, what = values.pop("outcome"), values.pop("outcome_class")
    return Attempt(
        outcome=Outcome(outcome) if outcome else None,
        outcome_class=EndClass(what) if what else None,
        **values,
    )
