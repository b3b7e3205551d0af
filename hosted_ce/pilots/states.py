"""Where a pilot is: its state, in HTCondor's words, and its stage on the way through this CE."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What the factory is told. HTCondor's JobStatus words, and two that it lacks."""

    IDLE = "idle"
    RUNNING = "running"
    REMOVED = "removed"
    COMPLETED = "completed"
    HELD = "held"
    UNKNOWN = "unknown"
    """We do not know whether the site took it, and say so until evidence settles it."""
    LOST = "lost"
    """It vanished at the site without a trace of its end. Never called completed."""


class Stage(StrEnum):
    """Which step the pilot is at. Each step of the engine looks for the pilots of its stage."""

    WAITING = "waiting"
    """No batch job yet: no route, or no room."""
    SUBMITTING = "submitting"
    """An attempt and its stamp are written down; the site is asked, or about to be."""
    DOUBTFUL = "doubtful"
    """The answer was lost: evidence decides whether there is a batch job."""
    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"
    """The batch job has ended, or is lost; its outputs are still to be fetched."""
    DONE = "done"


class Goal(StrEnum):
    """What is wanted of the pilot."""

    RUN = "run"
    REMOVE = "remove"
    HOLD = "hold"
    """Its batch job is to end; then it is held until somebody releases it."""
    RESTART = "restart"
    """It was released while its batch job was being ended: when that is over, a new attempt begins."""

    @property
    def ends_attempt(self) -> bool:
        """Whether the attempt under way is to end, and its batch job with it."""
        return self is not Goal.RUN


FINAL = frozenset({State.REMOVED, State.COMPLETED, State.LOST})
"""States that do not change any more."""

AT_SITE = frozenset({Stage.SUBMITTING, Stage.DOUBTFUL, Stage.QUEUED, Stage.RUNNING})
"""Stages in which there is, or may be, a batch job: these count against limits."""

_NEXT: dict[State, frozenset[State]] = {
    State.IDLE: frozenset(
        {State.RUNNING, State.UNKNOWN, State.HELD, State.COMPLETED, State.REMOVED, State.LOST}
    ),
    State.UNKNOWN: frozenset(
        {State.IDLE, State.RUNNING, State.HELD, State.COMPLETED, State.REMOVED, State.LOST}
    ),
    # Back to idle: the site requeued the job, or it was held and released.
    State.RUNNING: frozenset(
        {State.IDLE, State.UNKNOWN, State.HELD, State.COMPLETED, State.REMOVED, State.LOST}
    ),
    State.HELD: frozenset({State.IDLE, State.REMOVED}),
    State.REMOVED: frozenset(),
    State.COMPLETED: frozenset(),
    State.LOST: frozenset(),
}


class IllegalChange(Exception):
    """A pilot's state cannot change like this: a mistake in our own code, never in a request."""

    def __init__(self, old: State, new: State):
        super().__init__(f"a pilot that is {old} cannot become {new}")
        self.old, self.new = old, new


def check_change(old: State, new: State) -> None:
    """Raises IllegalChange unless `old` may become `new`. Staying is always legal."""
    if new is not old and new not in _NEXT[old]:
        raise IllegalChange(old, new)
