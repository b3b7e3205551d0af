"""SL22, HC4: what a site does not take is slowed down for, by route; after trouble one is sent first."""

from __future__ import annotations

import pytest

from bosco.errors import Failed, Refusal
from hosted_ce.engine.pushback import FIRST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_TROUBLE_S, ROW, PushBack
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import Bench, bench
from tests.fakes.clock import Clock
from tests.fakes.faults import Fault
from tests.fakes.routes import route

LIMIT = Failed("QOSMaxSubmitJobPerUserLimit", refusal=Refusal.LIMIT)
PERMANENT = Failed("Invalid account", refusal=Refusal.PERMANENT)


def test_the_pause_doubles_with_each_refusal_in_a_row_and_a_success_ends_it() -> None:
    clock = Clock()
    push = PushBack(clock)
    pauses = []
    for _ in range(9):
        push.refused("a", LIMIT)
        [one] = push.all()
        pauses.append(one.until - clock())
        assert push.paused() == {"a"}
        clock.at = one.until
        assert push.paused() == frozenset()
    assert pauses[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert pauses[-1] == LONGEST_PAUSE_S
    assert [(one.times, one.kind) for one in push.all()] == [(9, Refusal.LIMIT)]
    push.accepted("a")
    assert push.all() == ()
    push.refused("a", LIMIT)
    assert push.all()[0].until - clock() == FIRST_PAUSE_S


def test_routes_that_were_mended_are_tried_at_once_and_others_rest_on() -> None:
    push = PushBack(Clock())
    for name in ("a", "b", "c"):
        push.refused(name, LIMIT)
    push.forget({"a", "never there"})
    assert push.paused() == {"b", "c"}
    push.forget(())
    assert push.paused() == {"b", "c"}
    push.forget()
    assert push.paused() == frozenset()


def test_trouble_at_the_site_is_asked_about_more_often_than_a_limit() -> None:
    clock = Clock()
    push = PushBack(clock)
    for _ in range(9):
        push.refused("a", Failed("Partition in DOWN state", refusal=Refusal.TRANSIENT))
        pause = push.all()[0].until - clock()
        clock.at = push.all()[0].until
    assert pause == LONGEST_TROUBLE_S


def test_refusals_of_what_was_sent_before_the_pause_do_not_lengthen_it() -> None:
    push = PushBack(Clock())
    for _ in range(5):
        push.refused("a", LIMIT)
    assert push.all()[0].until - push.all()[0].since == FIRST_PAUSE_S


def test_one_pilot_that_can_never_run_does_not_pause_its_route_but_a_row_of_them_does() -> None:
    push = PushBack(Clock())
    for _ in range(ROW - 1):
        push.refused("a", PERMANENT)
        assert push.paused() == frozenset()
    push.refused("a", PERMANENT)
    assert push.reason("a") == "route a: the site does not take pilots now: Invalid account"


async def test_SL22_at_a_limit_the_next_pilot_is_tried_after_a_pause_and_not_all_at_once(ce: Bench) -> None:
    ids = [await ce.add() for _ in range(10)]
    ce.site.faults.plan("submit", Fault.LIMIT)
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    assert len(ce.site.requests) == 1
    ce.clock.advance(FIRST_PAUSE_S - 1)
    await ce.submit()
    assert len(ce.site.requests) == 1
    new = await ce.add()
    await ce.router.tick()
    waiting = await ce.pilot(new)
    assert (waiting.stage, waiting.attempt) == (Stage.WAITING, None)
    assert "the site does not take pilots now" in (waiting.reason or "")
    ce.clock.advance(1)
    await ce.submit()
    assert len(ce.site.requests) == 10
    await ce.rounds(1)
    assert {(await ce.pilot(one)).stage for one in [*ids, new]} == {Stage.QUEUED}


async def test_a_pilot_that_is_to_be_removed_does_not_wait_for_the_end_of_the_pause(ce: Bench) -> None:
    first, second = await ce.add(), await ce.add()
    ce.site.faults.plan("submit", Fault.LIMIT)
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    await ce.remove(second)
    await ce.submit()
    assert (await ce.pilot(second)).state is State.REMOVED
    assert (await ce.pilot(first)).stage is Stage.WAITING


async def test_other_routes_go_on(url: str) -> None:
    routes = (route("one", when="xcount == 1"), route("other"))
    async with bench(url, routes=routes) as ce:
        await ce.add(xcount=1)
        await ce.add(xcount=2)
        ce.site.faults.plan("submit", Fault.LIMIT)
        await ce.open()
        await ce.router.tick()
        await ce.submit()
        assert len(ce.site.batch.jobs) == 1
        assert ce.cluster.pushback.paused() == {"one"}


@pytest.mark.parametrize("purpose", [Purpose.TEST, Purpose.CHECK])
async def test_a_test_that_is_refused_does_not_slow_its_route_down_nor_does_one_that_is_taken_speed_it_up(
    ce: Bench, purpose: Purpose
) -> None:
    """It may ask for a node or a partition that no pilot of the route asks for, or for less than they do."""
    for fault in (Fault.LIMIT, *[Fault.PERMANENT] * (ROW + 1)):
        ce.site.faults.plan("submit", fault)
        await ce.sent(purpose=purpose)
        assert ce.cluster.pushback.all() == ()
    ce.site.faults.plan("submit", Fault.LIMIT)
    await ce.remove((await ce.sent()).id)
    ce.clock.advance(FIRST_PAUSE_S)
    assert (await ce.sent(purpose=purpose)).stage is Stage.QUEUED
    assert [one.route for one in ce.cluster.pushback.all()] == ["default"]


async def test_an_operator_can_have_it_tried_at_once(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LIMIT)
    await ce.sent()
    ce.cluster.pushback.forget()
    await ce.sent()
    assert len(ce.site.batch.jobs) == 1


async def test_HC4_after_trouble_one_is_sent_first_and_more_with_each_that_succeeds(url: str) -> None:
    async with bench(url, window=4) as ce:
        for _ in range(12):
            await ce.add()
        await ce.router.tick()
        holds = [ce.site.faults.hold("submit") for _ in range(12)]
        await ce.observe()
        seen = []
        for hold in holds:
            await ce.submit()
            seen.append(ce.site.under_way)
            hold.release()
        await ce.submit()
        assert seen[:4] == [1, 2, 3, 4]
        assert max(seen) == 4
        ce.gate.close("the connection was lost")
        await ce.observe()
        ce.submitter.pace.slow_start()
        assert ce.submitter.pace.window.size == 1


@pytest.mark.parametrize("fault", [Fault.LIMIT, Fault.TRANSIENT])
async def test_a_refusal_shrinks_the_window(ce: Bench, fault: Fault) -> None:
    for _ in range(3):
        await ce.sent()
    assert ce.submitter.pace.window.size == 4
    ce.site.faults.plan("submit", fault)
    await ce.sent()
    assert ce.submitter.pace.window.size == 1


async def test_a_paused_cluster_submits_nothing_and_goes_on_with_the_rest(ce: Bench) -> None:
    running = await ce.running()
    ce.gate.hold("paused: maintenance")
    waiting = await ce.add()
    await ce.rounds(2)
    assert (await ce.pilot(waiting)).stage is Stage.SUBMITTING
    assert ce.gate.reason == "paused: maintenance"
    assert ce.gate.trouble is None
    ce.site.finish(ce.site.batch.jobs[0].now.stamp, 0)
    await ce.rounds(2)
    assert (await ce.pilot(running.id)).state is State.COMPLETED
    ce.gate.hold(None)
    await ce.submit()
    assert (await ce.pilot(waiting)).stage is Stage.QUEUED
