"""Nodes that are avoided: each attempt leaves out those of its time, unless the site refuses that."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bosco.errors import Failed, Refusal
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.left_out import REST_S, LeftOut
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import Bench, attempt_of, bench, stamp_of
from tests.fakes.clock import Clock
from tests.fakes.faults import Fault

NO = Failed("Invalid node name specified", refusal=Refusal.PERMANENT)


@pytest.fixture
async def ce(url: str) -> AsyncIterator[Bench]:
    """A CE that avoids what is in `avoided`."""
    async with bench(url) as made:
        made.avoided[:] = ["n1", "n7"]
        yield made


def nodes_of(ce: Bench) -> list[tuple[str, ...]]:
    return [request.left_out for request in ce.site.requests]


async def test_an_attempt_asks_for_other_nodes_and_says_so(ce: Bench) -> None:
    pilot = await ce.sent()
    assert nodes_of(ce) == [("n1", "n7")]
    assert attempt_of(pilot).request["left_out"] == ["n1", "n7"]


async def test_without_avoided_nodes_a_request_says_nothing_of_them(ce: Bench) -> None:
    ce.avoided.clear()
    assert "left_out" not in attempt_of(await ce.sent()).request
    assert nodes_of(ce) == [()]


async def test_what_is_sent_again_for_a_stamp_is_the_same(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.NOT_RUN)
    pilot = await ce.sent()
    ce.avoided[:] = ["n9"]
    await ce.rounds(2)
    found = await ce.pilot(pilot.id)
    assert (found.stage, stamp_of(found)) == (Stage.QUEUED, stamp_of(pilot))
    first, second = [batch_request(each, None) for each in (pilot, found)]
    assert first == second
    assert second.left_out == ("n1", "n7")


async def test_a_refusal_is_asked_about_without_them(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.PERMANENT)
    pilot = await ce.sent()
    refused = await ce.pilot(pilot.id)
    assert (refused.stage, refused.state) == (Stage.WAITING, State.IDLE)
    assert "on other nodes than n1, n7" in (refused.reason or "")
    ce.clock.advance(15)
    await ce.router.tick()
    await ce.submit()
    assert nodes_of(ce) == [("n1", "n7"), ()]
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
    assert "the site refuses to leave them out" in (ce.cluster.left_out.problem("default") or "")
    assert ce.cluster.pushback.all() == ()


async def test_what_the_site_never_takes_is_held_as_ever_and_nodes_are_left_out_again(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.PERMANENT, Fault.PERMANENT)
    pilot = await ce.sent()
    ce.clock.advance(15)
    await ce.router.tick()
    await ce.submit()
    assert (await ce.pilot(pilot.id)).state is State.HELD
    await ce.sent()
    assert nodes_of(ce) == [("n1", "n7"), (), ("n1", "n7")]


async def test_a_no_whose_answer_was_lost_is_asked_about_too(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LOST_REPLY_OF_PERMANENT)
    pilot = await ce.sent()
    await ce.observe()
    assert (await ce.pilot(pilot.id)).stage is Stage.WAITING


def test_a_route_rests_for_a_while_and_until_other_nodes_are_avoided() -> None:
    clock, avoided = Clock(), ["n1"]
    left_out = LeftOut(clock, lambda: avoided)
    assert left_out.refused("a", ["n1"], NO)
    assert (left_out.of("a"), left_out.of("b")) == ((), ("n1",))
    clock.advance(REST_S)
    assert left_out.of("a") == ("n1",)
    assert left_out.problem("a") is None
    left_out.refused("a", ["n1"], NO)
    avoided.append("n2")
    assert left_out.of("a") == ("n1", "n2")


def test_a_refusal_of_nodes_that_are_avoided_no_more_says_nothing_of_the_others() -> None:
    left_out = LeftOut(Clock(), lambda: ["n2"])
    assert left_out.refused("a", ["n1"], NO)
    assert left_out.of("a") == ("n2",)


def test_one_that_left_none_out_shows_that_the_nodes_were_not_the_reason() -> None:
    left_out = LeftOut(Clock(), lambda: ["n1"])
    left_out.refused("a", ["n1"], NO)
    assert not left_out.refused("a", [], NO)
    assert left_out.of("a") == ("n1",)


async def test_a_test_that_is_refused_says_nothing_of_the_nodes_that_others_leave_out(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.PERMANENT)
    await ce.sent()
    ce.avoided.clear()
    ce.site.faults.plan("submit", Fault.PERMANENT)
    test = await ce.sent(purpose=Purpose.TEST)
    assert (await ce.pilot(test.id)).state is State.HELD
    ce.avoided[:] = ["n1", "n7"]
    assert "the site refuses to leave them out" in (ce.cluster.left_out.problem("default") or "")
