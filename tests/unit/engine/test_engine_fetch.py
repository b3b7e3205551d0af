"""Fetching: a pilot is over only when its outputs are here, whole if the site has them whole."""

from __future__ import annotations

import asyncio

import pytest

from bosco.batch.model import Cause
from hosted_ce.engine.fetch import AT_ONCE, SETTLE_S, SIDE_BY_SIDE
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import Bench, attempt_of, bench, stamp_of
from tests.fakes.faults import Fault


async def test_both_outputs_are_kept_and_measured(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot), 0, stdout=b"a" * 70)
    ce.site.folders[stamp_of(pilot)].outputs["stderr"] = b"warning\n"
    await ce.rounds(1)
    assert ce.outputs.kept[pilot.id, 1, "stdout"] == b"a" * 70
    assert ce.outputs.kept[pilot.id, 1, "stderr"] == b"warning\n"
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.stdout_bytes, attempt.stderr_bytes, attempt.closed_at) == (70, 8, ce.clock())


async def test_outputs_that_are_shorter_than_recorded_are_waited_for(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot), 0, stdout=b"all of it", arrived=False)
    await ce.rounds(1)
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED
    assert ce.outputs.kept == {}
    ce.site.folders[stamp_of(pilot)].outputs["stdout"] = b"all of it"
    await ce.fetcher.tick()
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, pilot.reason) == (State.COMPLETED, "exit code 0")
    assert ce.outputs.kept[pilot.id, 1, "stdout"] == b"all of it"


async def test_outputs_that_never_come_are_not_waited_for_for_ever(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot), 0, stdout=b"all of it", arrived=False)
    await ce.observe(after=1000)  # the site's clock may say that the end was long ago
    await ce.fetcher.tick()
    ce.clock.advance(SETTLE_S - 1)
    await ce.fetcher.tick()
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED
    ce.clock.advance(1)
    await ce.fetcher.tick()
    pilot = await ce.pilot(pilot.id)
    assert pilot.state is State.COMPLETED
    assert pilot.reason == "exit code 0; stdout at the site is shorter than the job wrote it"


async def test_outputs_that_were_never_written_are_told(ce: Bench) -> None:
    pilot = await ce.running()
    del ce.site.folders[stamp_of(pilot)]
    ce.site.batch.end(ce.site.job(stamp_of(pilot)), Cause.EXITED, code=1)
    await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert pilot.state is State.COMPLETED
    reason = "exit code 1; there was no stdout at the site; there was no stderr at the site"
    assert pilot.reason == reason
    assert attempt_of(pilot).stdout_bytes is None


async def test_the_end_of_a_long_output_is_kept(url: str) -> None:
    async with bench(url, output_limit=10) as ce:
        pilot = await ce.running()
        ce.site.finish(stamp_of(pilot), 0, stdout=b"0123456789abcdef")
        await ce.rounds(1)
        assert ce.outputs.kept[pilot.id, 1, "stdout"] == b"6789abcdef"
        pilot = await ce.pilot(pilot.id)
        assert pilot.reason == "exit code 0; stdout was 16 bytes: its last 10 are kept"
        assert attempt_of(pilot).stdout_bytes == 16


@pytest.mark.parametrize("fault", [Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.FAILED])
@pytest.mark.parametrize("operation", ["evidence", "fetch"])
async def test_trouble_at_the_site_delays_the_end_and_changes_nothing_else(
    ce: Bench, operation: str, fault: Fault
) -> None:
    pilot = await ce.ended(9)
    ce.site.faults.plan(operation, fault)
    assert await ce.fetcher.tick() is False
    assert await ce.pilot(pilot.id) == pilot
    await ce.fetcher.tick()
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED


async def test_one_pilot_s_trouble_does_not_keep_the_others(ce: Bench) -> None:
    pilots = [await ce.ended() for _ in range(3)]
    ce.site.faults.plan("fetch", Fault.FAILED)
    await ce.fetcher.tick()
    states = [(await ce.pilot(pilot.id)).stage for pilot in pilots]
    assert sorted(states) == [Stage.DONE, Stage.DONE, Stage.ENDED]


async def test_a_disk_that_is_full_here_leaves_the_pilot_to_be_fetched_again(ce: Bench) -> None:
    pilot = await ce.ended(4)
    put = ce.outputs.put

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    ce.outputs.put = full  # type: ignore[method-assign, assignment]
    with pytest.raises(OSError, match="No space"):
        await ce.fetcher.tick()
    assert (await ce.pilot(pilot.id)).stage is Stage.ENDED
    ce.outputs.put = put  # type: ignore[method-assign]
    await ce.fetcher.tick()
    assert (await ce.pilot(pilot.id)).state is State.COMPLETED


async def test_outputs_are_kept_before_the_pilot_is_called_completed(ce: Bench) -> None:
    pilot = await ce.ended()
    stages = []
    put = ce.outputs.put

    async def watched(*what: object) -> None:
        stages.append((await ce.pilot(pilot.id)).stage)
        await put(*what)  # type: ignore[arg-type]

    ce.outputs.put = watched  # type: ignore[method-assign, assignment]
    await ce.fetcher.tick()
    assert stages == [Stage.ENDED, Stage.ENDED]


async def test_so_many_are_fetched_side_by_side_and_no_more(ce: Bench) -> None:
    for _ in range(SIDE_BY_SIDE + 3):
        await ce.ended()
    holds = [ce.site.faults.hold("fetch") for _ in range(SIDE_BY_SIDE + 1)]
    fetching = asyncio.create_task(ce.fetcher.tick())
    for hold in holds[:SIDE_BY_SIDE]:
        await hold.reached.wait()
    assert not holds[SIDE_BY_SIDE].reached.is_set()
    for hold in holds:
        hold.release()
    assert await fetching is False
    assert len(await ce.store.at_stage({Stage.DONE})) == SIDE_BY_SIDE + 3


async def test_a_full_page_means_that_there_may_be_more(ce: Bench) -> None:
    for _ in range(AT_ONCE + 1):
        await ce.add()
    await ce.open()
    for _ in range(3):
        await ce.router.tick()
        await ce.submit()
        ce.clock.advance(1)
        for stamp in ce.site.folders:
            job = ce.site.job(stamp)
            if job.alive:
                ce.site.start(stamp)
                ce.site.finish(stamp)
        await ce.observe()
    assert len(await ce.store.at_stage({Stage.ENDED})) == AT_ONCE + 1
    assert await ce.fetcher.tick() is True
    assert await ce.fetcher.tick() is False
    assert await ce.store.at_stage({Stage.ENDED}) == []


async def test_the_class_of_the_end_is_kept_with_its_attempt_and_its_event(ce: Bench) -> None:
    heard: list[Change] = []
    ce.store.subscribe(heard.extend)
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot), 1, stdout=b"Total number of activations/claims: 0\n")
    await ce.rounds(1)
    [data] = [change.event.data for change in heard if change.event and "class" in change.event.data]
    assert data["class"] == "never_claimed"
    assert data["evidence"] == "Total number of activations/claims: 0"
    assert data["exit_code"] == 1
    attempt = attempt_of(await ce.pilot(pilot.id))
    assert (attempt.outcome_class, attempt.outcome_evidence) == (EndClass.NEVER_CLAIMED, data["evidence"])
