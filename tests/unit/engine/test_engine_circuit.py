"""How a cluster is doing, in one word with a reason and since when; the gate; the window."""

from __future__ import annotations

import asyncio

import pytest

from bosco.dialer import Contact, ContactStatus
from bosco.errors import Refusal
from hosted_ce.engine.circuit import CircuitState, CircuitWatch
from hosted_ce.engine.gate import Gate
from hosted_ce.engine.pushback import Refused
from hosted_ce.engine.window import Window
from hosted_ce.pilots.cluster import Pause
from tests.fakes.clock import Clock

READY = ContactStatus(Contact.READY, 100.0, None, {})
DOWN = ContactStatus(Contact.DOWN, 200.0, "no route to host", {})
REFUSED = ContactStatus(Contact.REFUSED, 300.0, "the key is not taken", {})
NOT_YET = ContactStatus(Contact.NOT_YET, 50.0, None, {})
PAUSE = Pause(400.0, "rest:operator", "maintenance")
PUSHED = Refused("osg", Refusal.LIMIT, "QOSMax", 500.0, 515.0, 1)


def opened() -> Gate:
    gate = Gate()
    gate.open(gate.closings)
    return gate


@pytest.mark.parametrize(
    ("contact", "refused", "pause", "state", "since", "reason"),
    [
        (NOT_YET, (), None, CircuitState.CONNECTING, 50.0, None),
        (DOWN, (), None, CircuitState.DOWN, 200.0, "no route to host"),
        (DOWN, (PUSHED,), None, CircuitState.DOWN, 200.0, "no route to host"),
        (REFUSED, (), None, CircuitState.AUTH_REFUSED, 300.0, "the key is not taken"),
        (REFUSED, (), PAUSE, CircuitState.PAUSED, 400.0, "paused by rest:operator: maintenance"),
        (READY, (PUSHED,), None, CircuitState.DEGRADED, 500.0, "pilots of route osg are refused: QOSMax"),
    ],
)  # fmt: skip
def test_the_first_word_that_fits(
    *,
    contact: ContactStatus,
    refused: tuple[Refused, ...],
    pause: Pause | None,
    state: CircuitState,
    since: float,
    reason: str | None,
) -> None:
    found = CircuitWatch(Clock()).look(contact, opened(), refused, pause)
    assert (found.state, found.since, found.reason) == (state, since, reason)


def test_trouble_with_the_batch_system_is_known_since_it_was_first_seen() -> None:
    clock, gate = Clock(), opened()
    watch = CircuitWatch(clock)
    well = watch.look(READY, gate, (), None)
    assert (well.state, well.reason) == (CircuitState.READY, None)
    clock.advance(60)
    gate.close("squeue: Unable to contact slurm controller")
    began = clock()
    for _ in range(3):
        found = watch.look(READY, gate, (), None)
        clock.advance(60)
    assert (found.state, found.since) == (CircuitState.DEGRADED, began)
    assert found.reason == "squeue: Unable to contact slurm controller"


def test_an_operators_hold_is_no_trouble_and_outlives_it() -> None:
    gate = opened()
    gate.hold("paused")
    assert (gate.is_open, gate.reason, gate.trouble) == (False, "paused", None)
    gate.close("lost")
    gate.open(gate.closings)
    assert (gate.is_open, gate.reason) == (False, "paused")
    gate.hold(None)
    assert (gate.is_open, gate.reason) == (True, None)
    gate.close("lost")
    gate.hold("paused")
    gate.hold(None)
    assert (gate.is_open, gate.reason) == (False, "lost")


async def test_a_window_lets_in_as_many_as_it_is_wide() -> None:
    window = Window(3)
    inside: list[int] = []

    async def enter(number: int) -> None:
        await window.acquire()
        inside.append(number)

    tasks = [asyncio.create_task(enter(number)) for number in range(4)]

    async def now() -> int:
        for _ in range(5):
            await asyncio.sleep(0)
        return len(inside)

    assert await now() == 1
    for _ in range(5):
        window.grow()
    assert (window.size, await now()) == (3, 3)
    window.shrink()
    window.release()
    assert await now() == 3
    window.release()
    window.release()
    assert await now() == 4
    await asyncio.gather(*tasks)
