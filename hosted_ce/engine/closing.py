"""What a pilot becomes when its attempt is over: what was wanted of it decides. Pure."""

from __future__ import annotations

from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot, PilotUpdate
from hosted_ce.pilots.states import Goal, Stage, State

FIRST_BACKOFF_S = 15.0
LONGEST_BACKOFF_S = 900.0


def backoff(attempt: Attempt) -> float:
    """Seconds until the next attempt after this one has failed."""
    pause: float = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(attempt.number - 1, 10))
    return pause


def without_job(goal: Goal, now: float) -> PilotUpdate:
    """There is no batch job of the attempt and there will be none, as was wanted."""
    match goal:
        case Goal.REMOVE:
            return {"stage": Stage.DONE, "state": State.REMOVED, "finished_at": now}
        case Goal.HOLD:
            return {"stage": Stage.DONE, "state": State.HELD, "hold_cause": HoldCause.REQUESTED}
        case Goal.RESTART | Goal.RUN:
            return {"stage": Stage.WAITING, "state": State.IDLE, "goal": Goal.RUN, "next_attempt_at": 0.0}


def with_ended_job(goal: Goal, attempt: Attempt, now: float) -> PilotUpdate:
    """The batch job has ended, or vanished, and its outputs are here."""
    if attempt.outcome is Outcome.NOT_STARTED:
        update = without_job(goal, now)
        if update["stage"] is Stage.WAITING:
            update["next_attempt_at"] = now + backoff(attempt)
        return update
    if goal in {Goal.HOLD, Goal.RESTART} and _ended_for_it(attempt):
        return without_job(goal, now)
    return {"stage": Stage.DONE, "state": final_state(goal, attempt.outcome), "finished_at": now}


def ended_for(pilot: Pilot, state: State) -> str | None:
    """The words of who asked for it, if the pilot became this because somebody did."""
    because = f" ({pilot.goal_reason})" if pilot.goal_reason else ""
    match pilot.goal, state:
        case Goal.HOLD, State.HELD:
            return f"held on request{because}"
        case Goal.REMOVE, State.REMOVED:
            return f"removed on request{because}"
        case Goal.RESTART, State.IDLE:
            return "held and released: a new attempt begins"
    return None


def final_state(goal: Goal, outcome: Outcome | None) -> State:
    """What a pilot is called whose batch job ended like this, and which is not to run again."""
    if goal is Goal.REMOVE:
        return State.REMOVED
    if outcome is Outcome.VANISHED:
        return State.LOST
    return State.REMOVED if outcome is Outcome.CANCELLED else State.COMPLETED


def _ended_for_it(attempt: Attempt) -> bool:
    """Whether the hold ended it, and not the pilot itself, just before.

    What cancelled it at that time does not matter. One that vanished may run on unseen: nothing may be begun
    in its place.
    """
    asked = attempt.cancel_asked_at is not None and attempt.outcome is not Outcome.VANISHED
    return asked or attempt.outcome is Outcome.CANCELLED
