"""What operators do to a ramp. Each gives the state from now on, and the step to be written down."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from hosted_ce.ramp.controller import level
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Mode, State, Step, StepCause, Word, direction_of


class Act(StrEnum):
    """What an operator may do to a ramp."""

    PIN = "pin"
    UNPIN = "unpin"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    RESTART = "restart"


class Asked(NamedTuple):
    """What an operator wants. `cap` is where it is to be pinned; None: where it is."""

    what: Act
    word: Word
    cap: int | None = None


class CannotSteer(Exception):
    """This cannot be done to the ramp as it is; the text says why, and what can be."""


Made = tuple[State, Step]


def done(asked: Asked, state: State, evidence: Evidence, rules: Rules) -> Made:
    """Does it. Raises CannotSteer."""
    word = asked.word
    match asked.what:
        case Act.PIN:
            return pin(state, evidence, rules, word, state.cap if asked.cap is None else asked.cap)
        case Act.UNPIN:
            return unpin(state, evidence, rules, word)
        case Act.PAUSE:
            return pause(state, evidence, word)
        case Act.RESUME:
            return resume(state, evidence, word)
        case Act.SKIP:
            return skip(state, evidence, rules, word)
        case Act.RESTART:
            return restart(state, evidence, rules, word)


def pin(state: State, evidence: Evidence, rules: Rules, word: Word, cap: int) -> Made:
    """Admits `cap` pilots until it is told otherwise. Raises CannotSteer."""
    if not 0 <= cap <= rules.target:
        raise CannotSteer(f"the cap can be from 0 to the target, {rules.target}; raise the target first")
    pinned = replace(level(state, cap, evidence, word.at), mode=Mode.PINNED, word=word)
    return pinned, _step(state, pinned, StepCause.PINNED, word, evidence)


def unpin(state: State, evidence: Evidence, rules: Rules, word: Word) -> Made:
    """Goes on from where it is pinned. Raises CannotSteer."""
    if state.mode is not Mode.PINNED:
        raise CannotSteer("it is not pinned")
    cap = max(state.cap, rules.floor)
    free = replace(level(state, cap, evidence, word.at), mode=Mode.AUTO, word=None)
    return free, _step(state, free, StepCause.UNPINNED, word, evidence)


def pause(state: State, evidence: Evidence, word: Word) -> Made:
    """It does not go up any more; it still goes back. Raises CannotSteer."""
    if state.mode is not Mode.AUTO:
        raise CannotSteer(f"it is {state.mode.value} already")
    paused = replace(state, mode=Mode.PAUSED, word=word)
    return paused, _step(state, paused, StepCause.PAUSED, word, evidence)


def resume(state: State, evidence: Evidence, word: Word) -> Made:
    """Ends the pause. Raises CannotSteer."""
    if state.mode is not Mode.PAUSED:
        raise CannotSteer("it is not paused" + ("; unpin it" if state.mode is Mode.PINNED else ""))
    going = replace(state, mode=Mode.AUTO, word=None)
    return going, _step(state, going, StepCause.RESUMED, word, evidence)


def skip(state: State, evidence: Evidence, rules: Rules, word: Word) -> Made:
    """Admits the whole target from now on; it goes back from there as ever. Raises CannotSteer."""
    if state.mode is Mode.PINNED:
        raise CannotSteer("it is pinned; unpin it first")
    if state.cap >= rules.target:
        raise CannotSteer(f"it is at its target, {rules.target}, already")
    top = replace(level(state, rules.target, evidence, word.at), mode=Mode.AUTO, word=None, rests_until=0.0)
    return top, _step(state, top, StepCause.SKIPPED, word, evidence)


def restart(state: State, evidence: Evidence, rules: Rules, word: Word) -> Made:
    """Begins anew, with all that was before forgotten. Pilots that are at the site stay."""
    fresh = level(State(rules.floor, word.at), rules.floor, evidence, word.at)
    return fresh, _step(state, fresh, StepCause.RESTARTED, word, evidence)


_DONE = {
    StepCause.PINNED: "pinned",
    StepCause.UNPINNED: "unpinned",
    StepCause.PAUSED: "paused",
    StepCause.RESUMED: "resumed",
    StepCause.SKIPPED: "skipped to its target",
    StepCause.RESTARTED: "begun anew",
}


def _step(old: State, new: State, cause: StepCause, word: Word, evidence: Evidence) -> Step:
    reason = _DONE[cause] + (f": {word.reason}" if word.reason else "")
    direction = direction_of(old.cap, new.cap)
    return Step(word.at, direction, cause, old.cap, new.cap, word.actor, reason, evidence.numbers())
