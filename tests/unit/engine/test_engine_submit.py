"""Submitting: each answer of the site, and each way to lose one, leads to exactly one batch job."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from bosco.batch.model import Phase
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.closing import FIRST_BACKOFF_S, LONGEST_BACKOFF_S
from hosted_ce.engine.sender import Sender
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.states import Stage, State
from hosted_ce.routing.request import Request
from hosted_ce.store.contents import ContentDamaged
from tests.fakes.bench import SHA256, Bench, attempt_of, bench, stamp_of
from tests.fakes.faults import Fault
from tests.fakes.routes import route


async def test_the_way_of_a_pilot_from_request_to_completion(ce: Bench) -> None:
    pilot = await ce.sent(queue="osg")
    assert (pilot.stage, pilot.state) == (Stage.QUEUED, State.IDLE)
    ce.site.start(stamp_of(pilot))
    await ce.observe()
    assert (await ce.pilot(pilot.id)).state is State.RUNNING
    ce.site.finish(stamp_of(pilot), 3, stdout=b"hello\n")
    await ce.observe()
    assert (await ce.pilot(pilot.id)).state is State.RUNNING  # until its outputs are here
    await ce.fetcher.tick()

    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, pilot.stage, pilot.reason) == (State.COMPLETED, Stage.DONE, "exit code 3")
    assert attempt_of(pilot).exit_code == 3
    assert ce.outputs.kept[pilot.id, 1, "stdout"] == b"hello\n"
    words = ["received", "routed", "submitted", "running", "ended", "completed"]
    assert await ce.words(pilot.id) == words


async def test_a_pilot_that_is_no_longer_to_be_sent_when_its_turn_comes_is_not_sent(ce: Bench) -> None:
    pilot = await ce.sent()
    sender = Sender(
        ce.cluster, ce.store, lambda sha256: pytest.fail("it is sent"), ce.clock, spool=ce.spool,
        pace=ce.submitter.pace,
    )  # fmt: skip
    ce.site.faults.plan("submit", Fault.LOST_REPLY)
    assert await sender.send(pilot.id) == []
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED


async def test_nothing_is_sent_before_the_site_was_listed(ce: Bench) -> None:
    pilot = await ce.pilot(await ce.add())
    await ce.router.tick()
    await ce.submit()
    assert ce.site.requests == []
    assert not ce.gate.is_open

    await ce.observe()
    await ce.submit()
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED


async def test_a_call_that_did_not_happen_costs_nothing_and_closes_the_gate(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.NOT_RUN)
    pilot = await ce.sent()
    assert (pilot.stage, attempt_of(pilot).number) == (Stage.SUBMITTING, 1)
    assert ce.gate.reason == "the link has ended"

    await ce.submit()
    assert len(ce.site.requests) == 1  # the gate is closed
    await ce.observe()
    await ce.submit()
    again = await ce.pilot(pilot.id)
    assert (again.stage, stamp_of(again)) == (Stage.QUEUED, stamp_of(pilot))
    assert len(ce.site.batch.jobs) == 1


async def test_a_request_that_was_lost_is_sent_again_under_the_same_stamp(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LOST_REQUEST)
    pilot = await ce.sent()
    assert (pilot.stage, pilot.state) == (Stage.DOUBTFUL, State.UNKNOWN)

    await ce.observe()
    await ce.submit()
    again = await ce.pilot(pilot.id)
    assert (again.stage, stamp_of(again)) == (Stage.QUEUED, stamp_of(pilot))
    assert "not_begun" in await ce.words(pilot.id)
    assert len(ce.site.batch.jobs) == 1


async def test_a_request_that_comes_late_does_not_make_a_second_job(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LATE_REQUEST)
    pilot = await ce.sent()
    await ce.observe()
    await ce.submit()  # not claimed: sent again
    ce.site.deliver_late()
    await ce.rounds(5)
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
    assert len(ce.site.batch.jobs) == 1


async def test_a_transient_no_is_believed_after_one_complete_listing(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.TRANSIENT)
    pilot = await ce.sent()
    assert pilot.stage is Stage.DOUBTFUL
    assert not ce.gate.is_open

    ce.site.faults.plan("list", Fault.INCOMPLETE)
    await ce.observe()
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    assert not ce.gate.is_open
    await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, pilot.state) == (Stage.WAITING, State.IDLE)
    assert pilot.reason == "the site did not take it: sbatch: error: transient; next try in 15 s"
    assert pilot.next_attempt_at == ce.clock() + FIRST_BACKOFF_S
    assert ce.gate.is_open


async def test_a_job_that_the_site_took_in_spite_of_its_no_is_adopted(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.TRANSIENT_YET_TAKEN)
    pilot = await ce.sent()
    assert pilot.stage is Stage.DOUBTFUL
    await ce.rounds(5)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, attempt_of(pilot).number) == (Stage.QUEUED, 1)
    assert len(ce.site.batch.jobs) == 1


async def test_EN3_a_pilot_that_can_never_run_there_is_held_with_the_reason(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.PERMANENT)
    pilot = await ce.sent()
    assert (pilot.stage, pilot.state) == (Stage.DONE, State.HELD)
    assert pilot.reason == "the site refused it: sbatch: error: permanent"
    assert attempt_of(pilot).closed_at == ce.clock()
    await ce.rounds(50, after=100)
    assert len(ce.site.requests) == 1
    assert (await ce.words(pilot.id))[-1] == "held"


async def test_a_clear_no_is_found_in_the_ledger_too(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LOST_REPLY_OF_PERMANENT)
    pilot = await ce.sent()
    assert pilot.stage is Stage.DOUBTFUL
    await ce.observe()
    assert (await ce.pilot(pilot.id)).state is State.HELD


async def test_limits_of_the_site_make_pilots_wait_longer_each_time(ce: Bench) -> None:
    ce.site.faults.plan("submit", *[Fault.LIMIT] * 9)
    pilot = await ce.sent()
    pauses, stamps = [], set()
    for number in range(1, 10):
        pilot = await ce.pilot(pilot.id)
        assert (pilot.stage, pilot.state) == (Stage.WAITING, State.IDLE)
        assert attempt_of(pilot).number == number
        stamps.add(stamp_of(pilot))
        pauses.append(pilot.next_attempt_at - ce.clock())
        ce.clock.advance(pauses[-1] - 0.1)
        await ce.router.tick()
        assert (await ce.pilot(pilot.id)).stage is Stage.WAITING
        ce.clock.advance(0.1)
        await ce.router.tick()
        await ce.submit()
    assert pauses == [15, 30, 60, 120, 240, 480, LONGEST_BACKOFF_S, LONGEST_BACKOFF_S, LONGEST_BACKOFF_S]
    assert len(stamps) == 9
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
    assert len(ce.site.batch.jobs) == 1


async def test_a_pilot_whose_input_is_damaged_is_held_and_stops_nobody(ce: Bench) -> None:
    damaged = "d" * 64

    ce.contents[damaged] = ContentDamaged(f"{damaged} has not the content that its name says")
    bad, good = await ce.add(damaged), await ce.add()
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    assert (await ce.pilot(good)).stage is Stage.QUEUED
    pilot = await ce.pilot(bad)
    assert (pilot.stage, pilot.state) == (Stage.DONE, State.HELD)
    assert pilot.reason == f"it cannot be submitted: {damaged} has not the content that its name says"
    ce.site.files[damaged] = b"found again"
    await ce.rounds(3)
    assert ce.site.batch.of(stamp_of(pilot)) == []


async def test_a_damaged_input_of_a_pilot_that_was_sent_before_is_no_reason_to_hold_it(ce: Bench) -> None:
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    await ce.restart()  # the reply is never read
    ce.contents[SHA256] = ContentUnusable("the disk is gone")
    ce.site.files.clear()
    await ce.open()
    await ce.submit()
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    await ce.observe()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.stage, pilot.state) == (Stage.QUEUED, State.IDLE)


async def test_a_pilot_that_breaks_the_submitter_is_the_only_one_that_waits(ce: Bench) -> None:
    bad, good = await ce.add("0" * 64), await ce.add()  # a content that raises KeyError
    await ce.open()
    await ce.router.tick()
    task = asyncio.create_task(ce.submitter.run())
    while (await ce.pilot(good)).stage is not Stage.QUEUED:
        await asyncio.sleep(0)
    assert (await ce.pilot(bad)).stage is Stage.SUBMITTING
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_after_trouble_nobody_goes_before_the_one_that_was_on_its_way(url: str) -> None:
    async with bench(url, window=3) as ce:
        ce.submitter.pace.window.size = 3
        hold = ce.site.faults.hold("submit")
        first = await ce.sent()
        ce.gate.close("the connection was lost")
        second = await ce.sent()
        assert ce.site.batch.jobs == []
        hold.release()
        await ce.submit()
        for pilot in (first, second):
            assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED


async def test_no_more_submits_are_under_way_than_the_window_allows(url: str) -> None:
    async with bench(url, window=3) as ce:
        ce.submitter.pace.window.size = 3
        holds = [ce.site.faults.hold("submit") for _ in range(3)]
        ids = [await ce.add() for _ in range(20)]
        await ce.open()
        await ce.router.tick()
        await ce.submit()
        assert len(ce.site.requests) == 3
        for hold in holds:
            hold.release()
        await ce.submit()
        assert ce.site.most_under_way == 3
        assert {(await ce.pilot(number)).stage for number in ids} == {Stage.QUEUED}


async def test_a_gate_that_closes_stops_those_that_wait_for_their_turn(url: str) -> None:
    async with bench(url, window=2) as ce:
        ce.submitter.pace.window.size = 2
        holds = [ce.site.faults.hold("submit") for _ in range(2)]
        for _ in range(6):
            await ce.add()
        await ce.open()
        await ce.router.tick()
        await ce.submit()
        ce.gate.close("the connection was lost")
        for hold in holds:
            hold.release()
        await ce.submit()
        assert len(ce.site.requests) == 2
        await ce.rounds(1)
        assert len(ce.site.requests) == 6
        assert len(ce.site.batch.jobs) == 6


async def test_it_is_quiet_when_those_under_way_have_their_answers(url: str) -> None:
    """What replaces it waits for that, with the gate held."""
    async with bench(url, window=1) as ce:
        await asyncio.wait_for(ce.submitter.quiet(), 60)
        hold = ce.site.faults.hold("submit")
        first, second = await ce.add(), await ce.add()
        await ce.open()
        await ce.router.tick()
        await ce.submit()
        ce.gate.hold("its entry has changed")
        quiet = asyncio.create_task(ce.submitter.quiet())
        await asyncio.sleep(0)
        assert not quiet.done()
        hold.release()
        await ce.submit()
        await quiet
        assert (await ce.pilot(first)).stage is Stage.QUEUED
        assert (await ce.pilot(second)).stage is Stage.SUBMITTING
        assert len(ce.site.requests) == 1


async def test_a_pilot_removed_while_it_waits_for_its_turn_is_never_sent(url: str) -> None:
    async with bench(url, window=1) as ce:
        hold = ce.site.faults.hold("submit")
        first, second = await ce.add(), await ce.add()
        await ce.open()
        await ce.router.tick()
        await ce.submit()
        await ce.remove(second)
        hold.release()
        await ce.submit()
        assert (await ce.pilot(first)).stage is Stage.QUEUED
        assert (await ce.pilot(second)).state is State.REMOVED
        assert len(ce.site.requests) == 1


async def test_what_is_asked_of_the_site_is_what_was_decided_and_what_the_pilot_brought(ce: Bench) -> None:
    asked = Request(
        cpus=8, memory_mb=16000, walltime_s=3600, queue="osg", account="acc", qos="low", gpus=1,
        gpu_type="a100", whole_node=True, constraint="ib&avx2", reservation="friday",
    )  # fmt: skip
    ce.routes = (route("big", request=asked, extra=("--nice",), environment={"A": "route"}),)
    pilot = await ce.sent(maxWallTime=90, xcount=4)
    request = batch_request(pilot, "/scratch")
    assert request == ce.site.requests[0].__class__(
        stamp=stamp_of(pilot), executable="pilot.sh", inputs=ce.site.requests[0].inputs, walltime_s=5400,
        cpus=4, memory_mb=16000, arguments=("-v",), environment={"A": "route", "GLIDEIN": "1"}, queue="osg",
        account="acc", qos="low", gpus=1, whole_node=True, extra=("--nice",), scratch="/scratch",
        gpu_type="a100", constraint="ib&avx2", reservation="friday",
    )  # fmt: skip
    (file,) = request.inputs
    assert (file.name, file.sha256, file.executable) == ("pilot.sh", SHA256, True)


async def test_credentials_and_the_proxy_among_them_are_named_to_the_site(ce: Bench) -> None:
    pilot = await ce.sent()
    files = [*pilot.spec["inputs"], {"name": "x509up", "sha256": SHA256, "executable": False}]
    proxied = replace(
        pilot, spec={**pilot.spec, "inputs": files, "credentials": ["x509up"], "proxy": "x509up"}
    )
    request = batch_request(proxied, None)
    assert (request.credentials, request.proxy) == (("x509up",), "x509up")


async def test_pilots_that_were_written_down_before_there_were_proxies_have_none(ce: Bench) -> None:
    pilot = await ce.sent()
    older = {name: value for name, value in pilot.spec.items() if name not in ("credentials", "proxy")}
    request = batch_request(replace(pilot, spec=older), None)
    assert (request.credentials, request.proxy) == ((), None)


async def test_the_pilots_environment_wins_over_the_sites_and_the_routes_over_the_pilots(ce: Bench) -> None:
    """As in HTCondor-CE: the CE's and the site's, the pilot's own, then default_pilot_job_env."""
    base = {"GLIDEIN": "base", "B": "base", "C": "base"}
    ce.routes = (route("r", base_environment=base, environment={"C": "route"}),)
    pilot = await ce.sent()
    assert batch_request(pilot, None).environment == {"GLIDEIN": "1", "B": "base", "C": "route"}
    ce.routes = (route("r", environment={"GLIDEIN": "route"}),)
    assert batch_request(await ce.sent(), None).environment == {"GLIDEIN": "route"}


async def test_EN5_a_reply_that_comes_after_the_observer_found_the_job_changes_nothing(ce: Bench) -> None:
    hold = ce.site.faults.hold("submit", replying=True)
    pilot = await ce.sent()
    await hold.reached.wait()
    ce.site.start(stamp_of(pilot))
    await ce.observe()
    adopted = await ce.pilot(pilot.id)
    assert (adopted.stage, adopted.state) == (Stage.RUNNING, State.RUNNING)
    hold.release()
    await ce.submit()
    assert await ce.pilot(pilot.id) == adopted
    assert ce.site.job(stamp_of(pilot)).now.phase is Phase.RUNNING
