"""Observing: a pilot has ended only on positive evidence; what is not seen proves nothing by itself."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bosco.batch.model import Cause, Granted, Listing, Phase
from bosco.errors import BoscoError, NotRun
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.observe import IDLE_INTERVAL_S, SLOW_FACTOR, Observer
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import POLL, Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault


async def test_a_job_that_starts_and_ends_between_two_rounds(ce: Bench) -> None:
    pilot = await ce.sent()
    ce.site.start(stamp_of(pilot))
    ce.clock.advance(10)
    ce.site.finish(stamp_of(pilot), 0)
    await ce.rounds(1)
    pilot = await ce.pilot(pilot.id)
    assert pilot.state is State.COMPLETED
    attempt = attempt_of(pilot)
    assert (attempt.node, attempt.site_state, attempt.exit_code) == ("node-7", "COMPLETED", 0)
    assert attempt.ended_at == (attempt.started_at or 0) + 10


async def test_the_queue_s_reason_is_shown_and_kept_up_to_date(ce: Bench) -> None:
    pilot = await ce.sent()
    await ce.observe()
    assert (await ce.pilot(pilot.id)).reason == "in the site's queue: Priority"
    version = (await ce.pilot(pilot.id)).version
    await ce.observe()
    assert (await ce.pilot(pilot.id)).version == version  # nothing new: nothing is written
    ce.site.batch.change(ce.site.job(stamp_of(pilot)), reason="Resources")
    await ce.observe()
    assert (await ce.pilot(pilot.id)).reason == "in the site's queue: Resources"


async def test_specifications_are_not_read(ce: Bench) -> None:
    pilot = await ce.sent()
    ce.site.start(stamp_of(pilot))
    asked: list[str] = []
    engine = ce.database._reading
    sa.event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    await ce.observe()

    assert any("FROM pilots" in statement for statement in asked)
    assert not [statement for statement in asked if "pilots.spec" in statement]
    [found] = await ce.store.at_stage({Stage.RUNNING}, spec=False)
    assert found.id == pilot.id


async def test_what_a_longer_time_limit_grants_is_followed(ce: Bench) -> None:
    pilot = await ce.running()
    job = ce.site.job(stamp_of(pilot))
    ce.site.batch.change(job, granted=Granted(cpus=2, memory_mb=4000, walltime_s=7200))
    await ce.observe()
    assert (attempt_of(await ce.pilot(pilot.id)).granted or {})["walltime_s"] == 7200
    ce.site.batch.change(job, granted=None)
    await ce.observe()
    assert attempt_of(await ce.pilot(pilot.id)).granted, "not known is not nothing"


async def test_SL10_a_requeued_job_is_idle_again(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.requeue(stamp_of(pilot))
    await ce.observe()
    seen = await ce.pilot(pilot.id)
    assert (seen.stage, seen.state) == (Stage.QUEUED, State.IDLE)
    assert (attempt_of(seen).started_at, attempt_of(seen).node) == (None, None)
    assert attempt_of(seen).granted is None
    assert seen.reason == "in the site's queue: BeginTime"
    ce.site.start(stamp_of(pilot))
    await ce.observe()
    assert (await ce.pilot(pilot.id)).state is State.RUNNING
    words = ["received", "routed", "submitted", "running", "requeued", "running"]
    assert await ce.words(pilot.id) == words
    assert len(ce.site.batch.jobs) == 1


async def test_a_job_that_the_site_holds_waits_and_says_so(ce: Bench) -> None:
    pilot = await ce.sent()
    batch_id = ce.site.job(stamp_of(pilot)).now.batch_id
    ce.site.batch.hold(batch_id)
    await ce.observe()
    held = await ce.pilot(pilot.id)
    assert (held.state, held.stage, held.reason) == (
        State.IDLE,
        Stage.QUEUED,
        "held at the site: JobHeldAdmin",
    )
    ce.site.batch.release(batch_id)
    await ce.observe()
    assert (await ce.pilot(pilot.id)).reason == "in the site's queue: Priority"


async def test_SL11_a_state_that_we_do_not_know_is_not_judged(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.batch.change(ce.site.job(stamp_of(pilot)), phase=Phase.UNKNOWN, site_state="TELEPORTING")
    await ce.rounds(20)
    pilot = await ce.pilot(pilot.id)
    assert (pilot.state, attempt_of(pilot).site_state) == (State.RUNNING, "TELEPORTING")
    assert attempt_of(pilot).absences == 0


async def test_a_doubtful_job_in_a_state_that_we_do_not_know_stays_in_doubt(ce: Bench) -> None:
    ce.site.faults.plan("submit", Fault.LEDGER_LOST)
    pilot = await ce.sent()
    ce.site.batch.change(ce.site.job(stamp_of(pilot)), phase=Phase.UNKNOWN, site_state="TELEPORTING")
    await ce.rounds(20)
    assert (await ce.pilot(pilot.id)).stage is Stage.DOUBTFUL
    assert len(ce.site.requests) == 1


@pytest.mark.parametrize("pause", [0.0, 5.0])
async def test_of_two_live_jobs_with_one_stamp_the_younger_is_cancelled(ce: Bench, pause: float) -> None:
    ce.site.batch.first_id = 99  # the next is 100, which is less than 99 for a dictionary
    pilot = await ce.sent()
    ce.clock.advance(pause)
    younger = ce.site.duplicate(stamp_of(pilot))
    await ce.observe()
    assert ce.site.cancelled == [younger]
    assert ce.duplicates == [(stamp_of(pilot), younger)]
    await ce.rounds(3)
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED
    assert [job.now.batch_id for job in ce.site.batch.jobs if job.alive] == ["99"]
    assert ce.duplicates == [(stamp_of(pilot), younger)]


async def test_an_ended_job_and_a_live_one_with_one_stamp_are_not_told_as_a_duplicate(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.kill(stamp_of(pilot), Cause.NODE_FAILURE)
    ce.site.duplicate(stamp_of(pilot))
    await ce.observe()
    assert ce.duplicates == []
    assert (await ce.pilot(pilot.id)).stage is Stage.QUEUED  # it follows the live one


async def test_foreign_jobs_are_left_alone(ce: Bench) -> None:
    await ce.sent()
    ce.site.batch.submit("haaaaaaaaaaaaaa")
    ce.site.batch.submit("haaaaaaaaaaaaaa")
    await ce.rounds(2)
    assert len(await ce.store.at_stage(set(Stage))) == 1


async def test_without_pilots_the_site_is_listed_seldom_and_the_gate_opens(ce: Bench) -> None:
    await ce.observe()
    ce.site.faults.plan("list", Fault.COMMAND_FAILED)
    await ce.observe(after=IDLE_INTERVAL_S - 1)
    assert ce.gate.is_open
    await ce.observe()
    assert not ce.gate.is_open
    await ce.observe()
    assert ce.gate.is_open


async def test_without_pilots_the_gate_stays_closed_while_the_spool_is_not_known(ce: Bench) -> None:
    ce.site.faults.down = "no route to host"
    with pytest.raises(NotRun):
        await ce.observe()
    assert not ce.gate.is_open


async def test_trouble_during_a_listing_keeps_the_gate_closed(ce: Bench) -> None:
    await ce.sent()
    listing = ce.site.faults.hold("list", replying=True)
    await ce.begin_observing()
    await listing.reached.wait()
    ce.gate.close("the connection was lost")
    listing.release()
    assert ce.observing
    await ce.observing
    assert not ce.gate.is_open  # that listing knows nothing of what was lost meanwhile
    assert ce.gate.reason == "the connection was lost"
    await ce.observe()
    assert ce.gate.is_open


async def test_trouble_while_nothing_is_at_the_site_keeps_the_gate_closed(ce: Bench) -> None:
    reading = asyncio.create_task(ce.observer.tick())
    await asyncio.sleep(0)
    ce.gate.close("the connection was lost")
    await reading
    assert not ce.gate.is_open


async def test_the_gate_stays_closed_when_evidence_cannot_be_had(ce: Bench) -> None:
    pilot = await ce.running()
    ce.site.finish(stamp_of(pilot))
    ce.gate.close("as at start")
    ce.site.faults.plan("evidence", Fault.LOST_REQUEST)
    with pytest.raises(BoscoError):
        await ce.observe()
    assert not ce.gate.is_open
    assert (await ce.pilot(pilot.id)).stage is Stage.RUNNING


async def test_words_of_a_site_in_another_encoding_stop_nobody(ce: Bench) -> None:
    first, second = await ce.sent(), await ce.sent()
    ce.site.batch.change(ce.site.job(stamp_of(first)), reason="R\udce9servation\0")
    ce.site.start(stamp_of(second))
    await ce.observe()
    assert (await ce.pilot(second.id)).state is State.RUNNING
    seen = await ce.pilot(first.id)
    assert seen.reason == r"in the site's queue: R\udce9servation\x00"
    await ce.observe()
    assert await ce.pilot(first.id) == seen, "nothing new: nothing is written"


async def test_SL10_SL11_what_a_person_has_to_look_at_is_counted(ce: Bench) -> None:
    held, odd, runs, foreign = [await ce.sent() for _ in range(4)]
    ce.site.batch.hold(ce.site.job(stamp_of(held)).now.batch_id)
    ce.site.batch.change(ce.site.job(stamp_of(odd)), phase=Phase.UNKNOWN, site_state="N\udce9W_STATE")
    ce.site.start(stamp_of(runs))
    ce.site.finish(stamp_of(foreign))
    ce.site.duplicate("hzzzzzzzzzzzzzz")
    await ce.observe()
    found = ce.observer.in_queue
    assert found.phases == {"pending": 0, "held": 1, "running": 1, "unknown": 1}
    assert (found.held, found.unknown) == ({"JobHeldAdmin": 1}, {r"N\udce9W_STATE": 1})
    ce.site.faults.plan("list", Fault.INCOMPLETE)
    await ce.observe()
    assert ce.observer.in_queue == found, "of the last complete listing"


async def test_SL23_many_pilots_take_one_listing_and_one_question_for_evidence(ce: Bench) -> None:
    ids = [await ce.add() for _ in range(60)]
    await ce.open()
    await ce.router.tick()
    await ce.submit()
    for stamp in list(ce.site.folders):
        ce.site.start(stamp)
        ce.site.finish(stamp)
    counted = Counting(ce)
    await counted.observer.tick()
    assert counted.calls == ["listing", "evidence"]
    assert {(await ce.pilot(number)).stage for number in ids} == {Stage.ENDED}


class Counting:
    """An observer whose site counts what it is asked."""

    def __init__(self, ce: Bench):
        self.calls: list[str] = []
        self._site = ce.site
        cluster = replace(ce.cluster, site=self)
        self.observer = Observer(cluster, ce.store, Hint(), ce.clock, spool=ce.spool)

    def __getattr__(self, name: str) -> object:
        self.calls.append(name)
        return getattr(self._site, name)


async def test_the_running_observer_survives_trouble_and_says_what_it_was(ce: Bench) -> None:
    await ce.sent()
    ce.site.faults.down = "no route to host"
    hint = Hint()
    observer = Observer(ce.cluster, ce.store, hint, ce.clock, spool=ce.spool)
    task = asyncio.create_task(observer.run())
    while ce.gate.is_open:
        await asyncio.sleep(0)
    assert observer.problem == "no route to host"
    ce.site.faults.down = None
    hint.wake()
    while not ce.gate.is_open:
        await asyncio.sleep(0)
    assert (observer.problem, observer.listed_at) == (None, ce.clock())
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class OneWait(Hint):
    """Remembers the wait that it is asked for, and ends there."""

    waited = 0.0

    async def wait(self, timeout: float) -> bool:
        self.waited = timeout
        raise asyncio.CancelledError


@pytest.mark.parametrize(("takes", "pause"), [(2.0, POLL), (60.0, 60 * SLOW_FACTOR)])
async def test_SL23_a_site_that_is_slow_to_list_is_listed_less_often(
    ce: Bench, monkeypatch: pytest.MonkeyPatch, takes: float, pause: float
) -> None:
    await ce.sent()
    listing = ce.site.listing

    async def slow() -> Listing:
        ce.clock.advance(takes)
        return await listing()

    monkeypatch.setattr(ce.site, "listing", slow)
    hint = OneWait()
    with pytest.raises(asyncio.CancelledError):
        await Observer(ce.cluster, ce.store, hint, ce.clock, spool=ce.spool).run()
    assert hint.waited == pause


async def test_a_remark_of_a_complete_listing_is_logged_once_and_closes_nothing(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def listing() -> Listing:
        return Listing((), complete=True, problem="files are not carried")

    await ce.sent()
    monkeypatch.setattr(ce.site, "listing", listing)
    with capture_logs() as logged:
        await ce.observer.tick()
        await ce.observer.tick()
    remarks = [entry for entry in logged if entry.get("problem") == "files are not carried"]
    assert [entry["log_level"] for entry in remarks] == ["warning"]
    assert ce.observer.problem is None
    assert ce.cluster.gate.is_open
