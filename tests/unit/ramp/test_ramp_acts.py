"""What operators do to a ramp."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.ramp import acts
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, Mode, State, StepCause, Word

NOW = 1_770_000_000.0
RULES = Rules(2, 100)
LEVEL = State(8, NOW - 3600, after=10, carried=4, falls=3, fell_at=NOW - 10, rests_until=NOW + 10)
THERE = Evidence(newest=14, at_site=8)
WORD = Word("rest:me", NOW, "ticket 4711")


def test_a_pin_is_what_was_said_by_whom_and_why() -> None:
    state, made = acts.pin(LEVEL, THERE, RULES, WORD, 3)
    assert (state.cap, state.mode, state.word, state.after) == (3, Mode.PINNED, WORD, 14)
    assert (made.before, made.after, made.direction, made.cause) == (8, 3, Direction.DOWN, StepCause.PINNED)
    assert (made.actor, made.reason) == ("rest:me", "pinned: ticket 4711")
    assert acts.pin(state, THERE, RULES, WORD, 0)[0].cap == 0


@pytest.mark.parametrize("cap", [-1, 101])
def test_a_pin_is_within_the_target(cap: int) -> None:
    with pytest.raises(acts.CannotSteer, match="from 0 to the target, 100"):
        acts.pin(LEVEL, THERE, RULES, WORD, cap)


def test_unpinned_it_goes_on_from_there_and_not_from_below_its_start() -> None:
    pinned, _ = acts.pin(LEVEL, THERE, RULES, WORD, 50)
    state, made = acts.unpin(pinned, THERE, RULES, WORD)
    assert (state.cap, state.mode, state.word, made.cause) == (50, Mode.AUTO, None, StepCause.UNPINNED)
    assert acts.unpin(replace(pinned, cap=0), THERE, RULES, WORD)[0].cap == 2
    with pytest.raises(acts.CannotSteer, match="not pinned"):
        acts.unpin(LEVEL, THERE, RULES, WORD)


def test_paused_and_resumed_it_is_at_the_same_level() -> None:
    paused, made = acts.pause(LEVEL, THERE, WORD)
    assert (paused.mode, paused.after, made.direction) == (Mode.PAUSED, LEVEL.after, Direction.STAY)
    with pytest.raises(acts.CannotSteer, match="paused already"):
        acts.pause(paused, THERE, WORD)
    assert acts.resume(paused, THERE, WORD)[0] == LEVEL
    with pytest.raises(acts.CannotSteer, match=r"not paused$"):
        acts.resume(LEVEL, THERE, WORD)
    with pytest.raises(acts.CannotSteer, match="unpin it"):
        acts.resume(replace(LEVEL, mode=Mode.PINNED), THERE, WORD)


def test_skipped_it_is_at_its_target_at_once() -> None:
    state, made = acts.skip(replace(LEVEL, mode=Mode.PAUSED), THERE, RULES, WORD)
    assert (state.cap, state.mode, state.rests_until, made.cause) == (100, Mode.AUTO, 0.0, StepCause.SKIPPED)
    with pytest.raises(acts.CannotSteer, match="at its target, 100, already"):
        acts.skip(state, THERE, RULES, WORD)
    with pytest.raises(acts.CannotSteer, match="unpin it first"):
        acts.skip(replace(LEVEL, mode=Mode.PINNED), THERE, RULES, WORD)


def test_restarted_it_has_forgotten_everything() -> None:
    state, made = acts.restart(replace(LEVEL, mode=Mode.PINNED), THERE, RULES, Word("rest:me", NOW))
    assert state == State(2, NOW, after=14, carried=8)
    assert (made.before, made.after, made.reason) == (8, 2, "begun anew")
