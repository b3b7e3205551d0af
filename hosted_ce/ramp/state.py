"""Where a route's ramp stands, and the steps that it makes. Times are seconds since the epoch (UTC)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ENGINE = "engine"
"""Who makes a step that nobody asked for."""


class Mode(StrEnum):
    """Who decides on the cap."""

    AUTO = "auto"
    PAUSED = "paused"
    """It does not go up; it still goes back."""
    PINNED = "pinned"
    """It is what an operator said."""


class Direction(StrEnum):
    """Where a step leads."""

    UP = "up"
    DOWN = "down"
    STAY = "stay"
    """The cap is the same: something else about the ramp is not."""


class StepCause(StrEnum):
    """Why a step was made."""

    BEGUN = "begun"
    PASSED = "passed"
    """All gates of the level were passed."""
    SETTLED = "settled"
    """All that are there run well, and too few of them are new: a few more are let in."""
    FAILURES = "failures"
    HELD = "held"
    """Pilots fail, and the cap is as low as it goes."""
    RULES = "rules"
    """The site file says something else."""
    PINNED = "pinned"
    UNPINNED = "unpinned"
    PAUSED = "paused"
    RESUMED = "resumed"
    SKIPPED = "skipped"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Word:
    """What an operator wanted: who, when, and why."""

    actor: str
    at: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The level that a ramp is at: it admits `cap` pilots, and goes by attempts with ids above `after`.

    `carried` were at the site already when the level began.
    """

    cap: int
    since: float
    after: int = 0
    carried: int = 0
    mode: Mode = Mode.AUTO
    word: Word | None = None
    """Whose the mode is; None: nobody said anything."""
    falls: int = 0
    """How many falls made the rest as long as it is."""
    fell_at: float | None = None
    rests_until: float = 0.0
    """It does not go up before."""
    held_since: float | None = None
    """Since when pilots fail while the cap is as low as it goes."""

    @property
    def room(self) -> int:
        """How many pilots the level let in beyond those that were there; never less than one."""
        return max(1, self.cap - self.carried)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done to the cap: by whom and why, in words, and the numbers that it went by."""

    at: float
    direction: Direction
    cause: StepCause
    before: int
    after: int
    actor: str
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def direction_of(before: int, after: int) -> Direction:
    """Where a step between these caps leads."""
    return Direction.UP if after > before else Direction.DOWN if after < before else Direction.STAY
