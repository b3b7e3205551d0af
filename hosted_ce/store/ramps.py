"""Where ramps stand, and the steps that they made."""

from __future__ import annotations

import sqlalchemy as sa

from hosted_ce.ramp.state import Direction, Mode, State, Step, StepCause, Word
from hosted_ce.store.database import Database
from hosted_ce.store.tables import ramp_steps, ramps

KEPT = 500
"""Steps of one route that are remembered."""
_OLD = (
    sa.select(ramp_steps.c.id)
    .where(ramp_steps.c.route == sa.bindparam("the_route"))
    .order_by(ramp_steps.c.id.desc())
    .offset(KEPT)
    .limit(1)
)
_FORGET = sa.delete(ramp_steps).where(
    ramp_steps.c.route == sa.bindparam("the_route"), ramp_steps.c.id <= _OLD.scalar_subquery()
)


class RampStore:
    """Reads and writes them. Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def load(self) -> dict[str, State]:
        """All that are written down, by route; also of routes that have no ramp any more."""
        rows = await self._database.read(lambda connection: connection.execute(sa.select(ramps)).all())
        return {row.route: _state(row) for row in rows}

    async def save(self, route: str, state: State, made: Step | None) -> None:
        """Writes down where a ramp stands from now on, with the step that led there: both or nothing."""

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.delete(ramps).where(ramps.c.route == route))
            connection.execute(sa.insert(ramps), _row(route, state))
            if made:
                connection.execute(sa.insert(ramp_steps), _step_row(route, made))
                connection.execute(_FORGET, {"the_route": route})

        await self._database.write(work)

    async def steps(self, route: str, limit: int) -> list[Step]:
        """The latest steps of a route, the newest first."""
        select = sa.select(ramp_steps).where(ramp_steps.c.route == route)
        ordered = select.order_by(ramp_steps.c.id.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(ordered).all())
        return [_step(row) for row in rows]


def _row(route: str, state: State) -> dict[str, object]:
    word = state.word
    return {
        "route": route, "cap": state.cap, "since": state.since, "after_attempt": state.after,
        "carried": state.carried, "mode": state.mode.value, "falls": state.falls, "fell_at": state.fell_at,
        "rests_until": state.rests_until, "held_since": state.held_since,
        "word_by": word and word.actor, "word_at": word and word.at, "word_reason": word and word.reason,
    }  # fmt: skip


def _state(row: sa.Row[tuple[object, ...]]) -> State:
    word = None if row.word_by is None else Word(row.word_by, row.word_at, row.word_reason)
    return State(
        cap=row.cap, since=row.since, after=row.after_attempt, carried=row.carried, mode=Mode(row.mode),
        word=word, falls=row.falls, fell_at=row.fell_at, rests_until=row.rests_until,
        held_since=row.held_since,
    )  # fmt: skip


def _step_row(route: str, made: Step) -> dict[str, object]:
    return {
        "route": route, "at": made.at, "direction": made.direction.value, "cause": made.cause.value,
        "cap_before": made.before, "cap_after": made.after, "actor": made.actor, "reason": made.reason,
        "evidence": dict(made.evidence),
    }  # fmt: skip


def _step(row: sa.Row[tuple[object, ...]]) -> Step:
    return Step(
        row.at, Direction(row.direction), StepCause(row.cause), row.cap_before, row.cap_after, row.actor,
        row.reason or "", row.evidence,
    )  # fmt: skip
