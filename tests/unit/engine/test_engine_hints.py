"""Hints and gates: who is woken by what, and that no wake is lost."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace

import pytest

from hosted_ce.engine.gate import Gate
from hosted_ce.engine.hints import Hint, Hints
from hosted_ce.pilots.pilot import Change, Pilot, PilotUpdate
from hosted_ce.pilots.states import Goal, Stage, State

PILOT = Pilot(1, 1, State.IDLE, Stage.WAITING, Goal.RUN, None, {}, "test", "tester", 0.0, 0.0)


async def woken(hint: Hint) -> bool:
    return await hint.wait(0)


async def test_a_wake_before_the_wait_ends_it_at_once() -> None:
    hint = Hint()
    hint.wake()
    hint.wake()
    assert await hint.wait(1000)
    assert not await woken(hint)  # many wakes are one


async def test_a_wake_ends_the_wait_under_way() -> None:
    hint = Hint()
    waiting = asyncio.create_task(hint.wait(1000))
    await asyncio.sleep(0)
    hint.wake()
    assert await waiting


async def test_a_wait_ends_by_itself() -> None:
    assert await Hint().wait(0) is False


async def test_a_change_wakes_those_who_asked_for_its_new_stage() -> None:
    hints = Hints()
    queued, other = hints.of({Stage.QUEUED, Stage.RUNNING}), hints.of({Stage.WAITING})
    hints([Change(PILOT, {"reason": "nothing of interest"}), Change(PILOT, {"stage": Stage.RUNNING})])
    assert await woken(queued)
    assert not await woken(other)


@pytest.mark.parametrize(("asked", "expected"), [(True, True), (False, False)])
async def test_a_removal_wakes_those_who_asked_for_removals(asked: bool, expected: bool) -> None:
    hints = Hints()
    hint = hints.of({Stage.QUEUED}, endings=asked)
    hints([Change(replace(PILOT, stage=Stage.SUBMITTING), {"goal": Goal.REMOVE})])
    assert await woken(hint) is expected


@pytest.mark.parametrize(
    ("goal", "update", "expected"),
    [
        (Goal.RUN, {"stage": Stage.QUEUED}, False),
        (Goal.REMOVE, {"stage": Stage.QUEUED}, True),
        (Goal.HOLD, {"stage": Stage.DONE}, False),
        (Goal.RUN, {"goal": Goal.HOLD}, True),
        (Goal.HOLD, {"goal": Goal.RUN, "stage": Stage.QUEUED}, False),
    ],
)
async def test_who_looks_after_endings_is_not_woken_by_all_others(
    goal: Goal, update: PilotUpdate, expected: bool
) -> None:
    hints = Hints()
    hint = hints.of_endings({Stage.QUEUED})
    hints([Change(PILOT, {"stage": Stage.QUEUED}), Change(replace(PILOT, goal=goal), update)])
    assert await woken(hint) is expected


async def test_a_hint_that_nobody_keeps_is_forgotten() -> None:
    """Workers end when their cluster does, and others begin: what the old ones asked for must not pile up."""
    hints = Hints()
    kept = hints.of({Stage.QUEUED})
    for _ in range(3):
        hints.of({Stage.QUEUED})
    gc.collect()
    assert list(hints._interested) == [kept]
    hints([Change(PILOT, {"stage": Stage.QUEUED})])
    assert await woken(kept)


async def test_a_gate_is_closed_at_first_and_says_why() -> None:
    gate = Gate()
    assert not gate.is_open
    assert gate.reason == "the site has not been listed yet"


async def test_those_who_wait_go_on_when_it_opens() -> None:
    gate = Gate()
    waiting = asyncio.create_task(gate.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.open(gate.closings)
    await waiting
    assert (gate.is_open, gate.reason) == (True, None)


async def test_what_was_asked_before_the_last_trouble_does_not_open_it() -> None:
    gate = Gate()
    asked = gate.closings
    gate.close("the connection was lost")
    gate.open(asked)
    assert (gate.is_open, gate.reason) == (False, "the connection was lost")
    gate.open(gate.closings)
    assert gate.is_open
