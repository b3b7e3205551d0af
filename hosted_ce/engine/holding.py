"""A request to hold or to release a pilot: what it changes at once, and what it leaves to the workers. Pure.

A hold ends the attempt under way; a release begins a new one, with a stamp of its own.
"""

from __future__ import annotations

from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import FINAL, Goal, Stage, State


def hold(pilot: Pilot, actor: str, reason: str, cause: HoldCause = HoldCause.REQUESTED) -> Change | None:
    """The change that a hold makes; None when the pilot is over, held, or on the way to it.

    Without a batch job it is held at once; with one it stays what it is until the site has ended it.
    """
    if pilot.state in FINAL or pilot.state is State.HELD or pilot.goal in {Goal.HOLD, Goal.REMOVE}:
        return None
    if pilot.stage is Stage.WAITING:
        return Change(
            pilot,
            {"goal": Goal.HOLD, "goal_reason": reason, "stage": Stage.DONE, "state": State.HELD,
             "reason": reason, "hold_cause": cause},
            event=Event("held", actor, reason),
        )  # fmt: skip
    return Change(
        pilot,
        {"goal": Goal.HOLD, "goal_reason": reason, "reason": f"to be held: {reason}"},
        event=Event("hold_asked", actor, reason),
    )


def release(pilot: Pilot, actor: str, reason: str | None) -> Change | None:
    """The change that a release makes; None when the pilot is neither held nor on the way to it."""
    if pilot.state is State.HELD and pilot.goal is not Goal.REMOVE:
        return Change(
            pilot,
            {"goal": Goal.RUN, "goal_reason": None, "stage": Stage.WAITING, "state": State.IDLE,
             "hold_cause": None, "next_attempt_at": 0.0, "unroutable_since": None,
             "reason": "released; not routed yet"},
            event=Event("released", actor, reason),
        )  # fmt: skip
    if pilot.goal is Goal.HOLD:
        return Change(
            pilot,
            {"goal": Goal.RESTART, "reason": "released; a new attempt begins when the last one has ended"},
            event=Event("release_asked", actor, reason),
        )
    return None
