"""Pilots that share job arrays: who goes with whom, and what each answer means for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from bosco.errors import Failed, NotRun, Refusal
from hosted_ce.engine.array_size import ArraySizes
from hosted_ce.engine.families import Families
from hosted_ce.engine.pushback import FIRST_PAUSE_S
from hosted_ce.engine.together import refusal, trouble
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from tests.fakes.arrays import ArrayBench
from tests.fakes.bench import attempt_of, stamp_of
from tests.fakes.faults import Fault
from tests.fakes.routes import route

GRACE = 240.0


@pytest.fixture
async def ce(url: str) -> AsyncIterator[ArrayBench]:
    made = ArrayBench(url, window=8)
    try:
        yield made
    finally:
        await made.stop()


async def warm(ce: ArrayBench) -> None:
    """The site has taken enough for an array of four."""
    ce.submitter.pace.sizes.accepted("default")
    ce.submitter.pace.sizes.accepted("default")


async def all_sent(ce: ArrayBench, count: int) -> list[Pilot]:
    ids = [await ce.add() for _ in range(count)]
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    return [await ce.pilot(one) for one in ids]


async def test_the_first_goes_alone_and_each_success_makes_room_for_twice_as_many(ce: ArrayBench) -> None:
    pilots = await all_sent(ce, 12)
    assert {pilot.stage for pilot in pilots} == {Stage.QUEUED}
    assert [len(stamps) for stamps in ce.site.arrays] == [2, 4, 4]
    assert len({job.now.stamp for job in ce.site.batch.jobs}) == len(ce.site.batch.jobs) == 12
    assert {attempt_of(pilot).batch_id for pilot in pilots} == {
        job.now.batch_id for job in ce.site.batch.jobs
    }


async def test_nobody_waits_for_others(ce: ArrayBench) -> None:
    await warm(ce)
    [pilot] = await all_sent(ce, 1)
    assert pilot.stage is Stage.QUEUED
    assert ce.site.arrays == []


async def test_a_lost_answer_is_settled_for_each_by_what_is_at_the_site(ce: ArrayBench) -> None:
    await warm(ce)
    ce.site.faults.plan("submit", Fault.LOST_REPLY)
    pilots = await all_sent(ce, 3)
    assert {pilot.stage for pilot in pilots} == {Stage.DOUBTFUL}
    await ce.observe()
    pilots = [await ce.pilot(pilot.id) for pilot in pilots]
    assert {pilot.stage for pilot in pilots} == {Stage.QUEUED}
    assert len(ce.site.batch.jobs) == 3


async def test_a_lost_request_is_sent_again_with_the_same_stamps(ce: ArrayBench) -> None:
    await warm(ce)
    ce.site.faults.plan("submit", Fault.LOST_REQUEST)
    pilots = await all_sent(ce, 3)
    stamps = {stamp_of(pilot) for pilot in pilots}
    await ce.observe()
    await ce.submit()
    pilots = [await ce.pilot(pilot.id) for pilot in pilots]
    assert {pilot.stage for pilot in pilots} == {Stage.QUEUED}
    assert {stamp_of(pilot) for pilot in pilots} == stamps
    assert len(ce.site.batch.jobs) == 3


async def test_a_limit_halves_what_goes_together_and_pauses_the_route_once(ce: ArrayBench) -> None:
    await warm(ce)
    ce.site.faults.plan("submit", Fault.LIMIT)
    pilots = await all_sent(ce, 4)
    assert {(pilot.stage, pilot.state) for pilot in pilots} == {(Stage.WAITING, State.IDLE)}
    assert ce.submitter.pace.sizes.of("default") == 2
    [refused] = ce.cluster.pushback.all()
    assert refused.times == 1
    ce.clock.advance(FIRST_PAUSE_S + 1)
    await ce.router.tick()
    await ce.submit()
    assert [len(stamps) for stamps in ce.site.arrays] == [4, 2, 2]
    assert len(ce.site.batch.jobs) == 4


async def test_nobody_is_held_for_what_was_said_to_many(ce: ArrayBench) -> None:
    """It may be the array that is refused for good: what is said to one alone counts."""
    await warm(ce)
    ce.site.faults.plan("submit", Fault.PERMANENT, Fault.PERMANENT)
    pilots = await all_sent(ce, 4)
    assert {pilot.state for pilot in pilots} == {State.IDLE}
    ce.clock.advance(FIRST_PAUSE_S + 1)
    await ce.router.tick()
    await ce.submit()
    states = [(await ce.pilot(pilot.id)).state for pilot in pilots]
    assert states.count(State.HELD) == 1


async def test_nobody_is_held_for_it_when_the_answer_is_lost_either(ce: ArrayBench) -> None:
    await warm(ce)
    ce.site.faults.plan("submit", Fault.LOST_REPLY_OF_PERMANENT)
    pilots = await all_sent(ce, 4)
    await ce.observe()
    assert {(await ce.pilot(pilot.id)).state for pilot in pilots} == {State.IDLE}
    assert ce.site.batch.jobs == []


async def test_an_old_no_in_a_ledger_is_not_that_of_the_array(ce: ArrayBench) -> None:
    answers = {"a": Failed("a limit", refusal=Refusal.LIMIT), "b": "7_1", "c": "7_2"}
    assert refusal(answers) is None
    assert trouble({**answers, "a": Failed("it was revoked")}) is None
    assert trouble({**answers, "a": NotRun("no link")}) is not None
    assert refusal(dict.fromkeys("ab", answers["a"])) is answers["a"]


async def test_one_whose_file_cannot_be_had_lets_none_through_a_closed_gate(ce: ArrayBench) -> None:
    await warm(ce)
    bad = "0" * 64
    ce.contents[bad] = ContentUnusable("it is damaged")
    ids = [await ce.add(sha256=bad), *[await ce.add() for _ in range(3)]]
    await ce.open()
    await ce.router.tick()
    ce.site.faults.plan("submit", *[Fault.NOT_RUN] * 3)  # of the array and the damaged one it is not heard
    await ce.submit()
    assert not ce.gate.is_open
    assert ce.site.batch.jobs == []
    assert [(await ce.pilot(one)).state for one in ids] == [State.HELD, *[State.IDLE] * 3]


async def test_trouble_leaves_all_in_doubt_and_the_next_one_goes_alone(ce: ArrayBench) -> None:
    await warm(ce)
    ce.site.faults.plan("submit", Fault.TRANSIENT)
    pilots = await all_sent(ce, 3)
    assert {pilot.stage for pilot in pilots} == {Stage.DOUBTFUL}
    assert not ce.gate.is_open
    await ce.observe()
    assert {(await ce.pilot(pilot.id)).stage for pilot in pilots} == {Stage.WAITING}
    assert ce.submitter.pace.sizes.of("default") == 1


async def test_absence_is_proven_for_each(ce: ArrayBench) -> None:
    await warm(ce)
    ce.site.faults.plan("submit", Fault.CLAIM_ONLY)
    pilots = await all_sent(ce, 3)
    for _ in range(2):
        await ce.observe()
        assert {(await ce.pilot(pilot.id)).stage for pilot in pilots} == {Stage.DOUBTFUL}
    await ce.observe(after=GRACE)
    assert {(await ce.pilot(pilot.id)).stage for pilot in pilots} == {Stage.WAITING}
    assert ce.site.batch.jobs == []


async def test_an_input_file_that_cannot_be_had_holds_its_own_pilot(ce: ArrayBench) -> None:
    await warm(ce)
    bad = "0" * 64
    ce.contents[bad] = ContentUnusable("it is damaged")
    ids = [await ce.add(), await ce.add(sha256=bad), await ce.add()]
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    states = [(await ce.pilot(one)).state for one in ids]
    assert states == [State.IDLE, State.HELD, State.IDLE]
    assert len(ce.site.batch.jobs) == 2


async def test_one_that_is_to_be_removed_does_not_go(ce: ArrayBench) -> None:
    await warm(ce)
    ids = [await ce.add() for _ in range(3)]
    await ce.router.tick()
    await ce.remove(ids[1])
    await ce.open()
    await ce.submit()
    assert [(await ce.pilot(one)).goal for one in ids] == [Goal.RUN, Goal.REMOVE, Goal.RUN]
    assert (await ce.pilot(ids[1])).state is State.REMOVED
    assert ce.site.arrays == [[stamp_of(await ce.pilot(ids[0])), stamp_of(await ce.pilot(ids[2]))]]


async def test_tests_and_pilots_of_other_routes_go_by_themselves(ce: ArrayBench) -> None:
    ce.routes = (route("other", when="WantsOther =?= true", falls_through=True), route("default"))
    await warm(ce)
    ce.submitter.pace.sizes.accepted("other")
    for purpose, wants in ((Purpose.PILOT, False), (Purpose.PILOT, True), (Purpose.TEST, False)):
        for _ in range(2):
            await ce.add(purpose=purpose, WantsOther=wants)
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    assert sorted(len(stamps) for stamps in ce.site.arrays) == [2, 2]
    assert len(ce.site.batch.jobs) == 6


async def test_a_mistake_with_one_lets_the_others_go_alone(ce: ArrayBench) -> None:
    await warm(ce)

    async def broken(*_: object, **__: object) -> dict[str, str]:
        raise RuntimeError("by a mistake")

    ce.site.submit_together = broken  # type: ignore[method-assign]
    pilots = await all_sent(ce, 3)
    await ce.submit()
    assert {(await ce.pilot(pilot.id)).stage for pilot in pilots} == {Stage.QUEUED}


def test_sizes_go_up_by_success_and_down_by_refusals() -> None:
    sizes = ArraySizes(10)
    seen = []
    for _ in range(5):
        seen.append(sizes.of("a"))
        sizes.accepted("a")
    assert seen == [1, 2, 4, 8, 10]
    assert sizes.of("b") == 1
    sizes.restart()
    assert sizes.of("a") == 1


def test_a_family_is_of_one_route_and_ends_with_its_last_place() -> None:
    families = Families(lambda cluster: {"one": 1, "many": 3}[cluster])
    stamps = [families.stamp("a", "many") for _ in range(7)]
    assert [stamp[-3:] for stamp in stamps] == ["000", "001", "002"] * 2 + ["000"]
    assert len({stamp[:-3] for stamp in stamps}) == 3
    assert families.stamp("b", "many")[:-3] not in {stamp[:-3] for stamp in stamps}
    assert len({families.stamp("a", "one")[:-3] for _ in range(5)}) == 5


async def test_nobody_is_there_twice_when_the_sizes_grow_while_a_group_is_made(url: str) -> None:
    """The answer of a turn beside it comes between two of its reads."""
    routes = (route("even", when="even", falls_through=True), route("odd"))
    ce = ArrayBench(url, together=16, window=8, routes=routes)
    sizes = ce.submitter.pace.sizes
    read, reads = ce.store.get_many, []

    async def slow(wanted: Sequence[int]) -> list[Pilot]:
        found = await read(wanted)
        reads.append(wanted)
        if len(reads) == 1:
            for name in ("even", "odd"):
                sizes.accepted(name)
        return found

    try:
        for name in ("even", "odd") * 2:
            sizes.accepted(name)
        ids = [await ce.add(even=number % 2 == 0) for number in range(20)]
        await ce.open()
        await ce.router.tick()
        ce.store.get_many = slow  # type: ignore[method-assign]
        await ce.submit()
        assert {(await ce.pilot(one)).stage for one in ids} == {Stage.QUEUED}
        assert len(ce.site.batch.jobs) == len(ids)
        sent = [stamp for stamps in ce.site.arrays for stamp in stamps]
        assert len(set(sent)) == len(sent)
    finally:
        await ce.stop()


async def test_what_a_burst_costs_the_database_does_not_grow_with_each_pilot(url: str) -> None:
    """Routed and sent in arrays of 50: reads, writes and commits are per array and page."""
    ce = ArrayBench(url, together=50, routes=(route("default", pilots=500, idle=500),))
    ce.submitter.pace.sizes.accepted("default")
    try:
        for _ in range(6):
            ce.submitter.pace.sizes.accepted("default")
        ids = [await ce.add() for _ in range(200)]
        await ce.open()
        asked: list[str] = []
        ce.database.observe = lambda operation, seconds: asked.append(operation)
        await ce.router.tick()
        await ce.submit()
        assert [len(stamps) for stamps in ce.site.arrays] == [50] * 4
        assert asked.count("write") <= 6, "one for the page that was routed, one for each array"
        assert asked.count("read") <= 20
        assert {(await ce.pilot(one)).stage for one in ids} == {Stage.QUEUED}
    finally:
        await ce.stop()
