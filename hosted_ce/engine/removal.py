"""A request to remove a pilot: what it changes at once, and what it leaves to the workers. Pure."""

from __future__ import annotations

from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import FINAL, Goal, Stage, State


def removal(pilot: Pilot, actor: str, reason: str | None, now: float) -> Change | None:
    """The change that a removal makes; None when the pilot is over or being removed already.

    Without a batch job it is removed at once; with one it stays what it is until the site has ended it.
    """
    if pilot.state in FINAL or pilot.goal is Goal.REMOVE:
        return None
    if pilot.stage in {Stage.WAITING, Stage.DONE}:
        return Change(
            pilot,
            {"goal": Goal.REMOVE, "goal_reason": reason, "stage": Stage.DONE, "state": State.REMOVED,
             "finished_at": now, "reason": reason or "removed on request"},
            event=Event("removed", actor, reason),
        )  # fmt: skip
    return Change(
        pilot,
        {"goal": Goal.REMOVE, "goal_reason": reason, "reason": "to be removed: " + (reason or "on request")},
        event=Event("removal_asked", actor, reason),
    )
