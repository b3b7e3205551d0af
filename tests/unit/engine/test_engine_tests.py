"""Tests and checks on their way: where they are aimed, ahead of the queue, within the limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hosted_ce.api.ports.test_pilots import CannotTest
from hosted_ce.daemon.test_pilots import MOST, TestPilots
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.holding import hold
from hosted_ce.intake.rest import RestDoor
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from hosted_ce.routing.aim import ANYWHERE, Aim
from hosted_ce.routing.route import Table
from hosted_ce.store.contents import ContentStore
from hosted_ce.test_pilots.errand import Errand
from hosted_ce.test_pilots.errands import errand_of
from hosted_ce.test_pilots.kind import Kind
from tests.fakes.bench import SCRIPT, Bench, attempt_of, bench, stamp_of
from tests.fakes.routes import route

ROUTES = (route("small", when="xcount == 1", pilots=1), route("large", when="xcount == 8", pilots=2))


@pytest.fixture
async def ce(url: str) -> AsyncIterator[Bench]:
    """A CE with a small and a large route."""
    async with bench(url, routes=ROUTES) as made:
        yield made


@pytest.fixture
def sender(ce: Bench, tmp_path: Path) -> TestPilots:
    """Sends tests to it."""
    contents = ContentStore(tmp_path)
    door = RestDoor(ce.store, contents, now=ce.clock)
    return TestPilots(door, ce.store, ce.queries, lambda: Table(tuple(ce.routes)), ce.clock)


async def send(sender: TestPilots, aim: Aim = ANYWHERE, **more: float) -> Pilot:
    errand = Errand("look", Purpose.CHECK, SCRIPT, ("a b",), aim, **more)
    pilot, new = await sender.submit(errand, owner="me")
    assert new
    return pilot


async def test_a_test_goes_to_the_route_that_it_names_whatever_its_condition(
    ce: Bench, sender: TestPilots
) -> None:
    test = await send(sender, Aim(route="large"))
    await ce.router.tick()
    found = await ce.pilot(test.id)
    assert (found.purpose, found.stage) == (Purpose.CHECK, Stage.SUBMITTING)
    assert attempt_of(found).route == "large"


async def test_one_that_names_none_goes_where_its_shape_goes(ce: Bench, sender: TestPilots) -> None:
    test = await send(sender, Aim(cpus=8))
    await ce.router.tick()
    assert attempt_of(await ce.pilot(test.id)).route == "large"


async def test_it_asks_for_what_it_says_and_is_told_so(ce: Bench, sender: TestPilots) -> None:
    aim = Aim("large", queue="debug", node="n007", cpus=2, memory_mb=700, walltime_s=300)
    ce.avoided[:] = ["n007", "n008"]
    test = await send(sender, aim)
    await ce.router.tick()
    request = batch_request(await ce.pilot(test.id), None)
    assert (request.queue, request.node, request.cpus, request.memory_mb, request.walltime_s) == (
        "debug", "n007", 2, 700, 300,
    )  # fmt: skip
    assert request.left_out == (), "who names a node means it"
    assert request.arguments == ("a b",)
    assert request.environment["HOSTED_CE_CPUS"] == "2"
    assert request.environment["HOSTED_CE_MEMORY_MB"] == "700"


async def test_without_a_node_it_keeps_off_the_avoided_ones_as_pilots_do(
    ce: Bench, sender: TestPilots
) -> None:
    ce.avoided[:] = ["n007"]
    test = await send(sender, Aim("large"))
    await ce.router.tick()
    assert batch_request(await ce.pilot(test.id), None).left_out == ("n007",)


async def test_it_goes_ahead_of_the_queue_and_never_beyond_the_limit(ce: Bench, sender: TestPilots) -> None:
    pilots = [await ce.add(xcount=8) for _ in range(3)]
    test = await send(sender, Aim("large"))
    await ce.router.tick()
    assert (await ce.pilot(test.id)).stage is Stage.SUBMITTING
    assert [(await ce.pilot(one)).stage for one in pilots] == [
        Stage.SUBMITTING, Stage.WAITING, Stage.WAITING,
    ]  # fmt: skip
    second = await send(sender, Aim("large"))
    await ce.router.tick()
    found = await ce.pilot(second.id)
    assert (found.stage, found.reason) == (
        Stage.WAITING, "waits for room: large: 2 of its 2 pilots are at the site",
    )  # fmt: skip


async def test_a_route_that_was_taken_out_meanwhile_is_told(ce: Bench, sender: TestPilots) -> None:
    test = await send(sender, Aim("large"))
    ce.routes = (route("other"),)
    await ce.router.tick()
    reason = (await ce.pilot(test.id)).reason
    assert reason == "no route takes it: large: the site file has no such route"


async def test_what_has_not_begun_in_time_is_given_up_and_what_runs_goes_on(
    ce: Bench, sender: TestPilots
) -> None:
    runs, waits = await send(sender, Aim("large")), await send(sender, Aim("large"), patience_s=60.0)
    pilot = await ce.add(xcount=1)
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    ce.site.start(stamp_of(await ce.pilot(runs.id)))
    await ce.observe(after=59)
    await sender.tick()
    assert (await ce.pilot(waits.id)).goal.value == "run"
    ce.clock.advance(3 * 3600)
    await sender.tick()
    await ce.rounds(3)
    gone = await ce.pilot(waits.id)
    assert (gone.state, gone.goal_reason) == (State.REMOVED, "it has not begun within 1 min")
    assert (await ce.pilot(runs.id)).state is State.RUNNING
    assert (await ce.pilot(pilot)).stage is Stage.QUEUED


async def test_a_held_test_is_given_up_too_and_a_check_is_not(ce: Bench, sender: TestPilots) -> None:
    test, _ = await sender.submit(errand_of(Kind.HELLO, Aim("large")), owner="me")
    check = await send(sender, Aim("large"))
    for one in (test, check):
        held = hold(await ce.pilot(one.id), "me", "why")
        assert held
        await ce.store.apply([held])
    await sender.tick()
    assert (await ce.pilot(test.id)).state is State.HELD
    ce.clock.advance(3 * 3600)
    await sender.tick()
    assert (await ce.pilot(test.id)).state is State.REMOVED
    assert (await ce.pilot(check.id)).state is State.HELD


@pytest.mark.parametrize(
    ("aim", "said"),
    [
        (Aim(route="lagre"), "there is no route 'lagre'; there are: small, large"),
        (Aim(cluster="old"), "no route goes to a cluster 'old', but to: main"),
        (Aim(node="n[1-3]"), "'n[1-3]' is not the name of a node"),
    ],
)
async def test_what_cannot_be_is_refused_at_once(sender: TestPilots, aim: Aim, said: str) -> None:
    with pytest.raises(CannotTest) as error:
        await send(sender, aim)
    assert str(error.value) == said


async def test_there_are_never_so_many_that_they_fill_the_site(ce: Bench, sender: TestPilots) -> None:
    for _ in range(MOST):
        await send(sender)
    with pytest.raises(CannotTest, match=f"{MOST} tests and checks are not over yet"):
        await send(sender)
    await ce.remove(1)
    await send(sender)


async def test_all_at_once_are_not_more_either_and_a_repeated_one_is_none_more(sender: TestPilots) -> None:
    errand = errand_of(Kind.HELLO, Aim("large"))
    every = await asyncio.gather(
        *(sender.submit(errand, owner="me", key=str(number)) for number in range(MOST + 9)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, CannotTest) for one in every) == 9
    again, new = await sender.submit(errand, owner="me", key="0")
    assert (again.id, new) == (1, False)


async def test_the_same_key_gives_the_same_test(sender: TestPilots) -> None:
    errand = errand_of(Kind.HELLO, Aim("large"))
    first, new = await sender.submit(errand, owner="me", key="k")
    again, repeated = await sender.submit(errand, owner="me", key="k")
    assert (first.id, new, repeated) == (again.id, True, False)


def test_a_hello_is_small_and_a_stress_is_what_the_route_asks_for() -> None:
    hello, stress = errand_of(Kind.HELLO, Aim()), errand_of(Kind.STRESS, Aim(), burn_s=7)
    assert (hello.aim.cpus, hello.aim.walltime_s) == (1, 300)
    assert (stress.aim.cpus, stress.aim.memory_mb, stress.arguments) == (None, None, ("7",))
