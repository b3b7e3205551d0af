"""SS18: a job that could not begin its pilot is no completed pilot: another attempt follows, ever later."""

from __future__ import annotations

import pytest

from bosco.batch.model import Cause, JobRecord
from bosco.batch.wrapper import PROLOGUE_FAILED
from hosted_ce.engine.closing import FIRST_BACKOFF_S
from hosted_ce.pilots.pilot import Outcome
from hosted_ce.pilots.states import Stage, State
from tests.fakes.bench import Bench, attempt_of, stamp_of


async def ended(
    ce: Bench, *, code: int = 0, signal: int | None = None, record: JobRecord | None = None
) -> int:
    pilot = await ce.sent()
    stamp = stamp_of(pilot)
    ce.site.batch.start(ce.site.job(stamp))  # it records nothing, unless told so
    if record:
        ce.site.folders[stamp].record = record
    ce.site.batch.end(ce.site.job(stamp), Cause.EXITED, code=code, signal=signal)
    await ce.observe()
    await ce.fetcher.tick()
    return pilot.id


BROKEN = JobRecord(1.0, "node-7", "100", 2.0, 121, "cannot make a working directory in /scratch")


@pytest.mark.parametrize(
    ("code", "signal", "record"), [(121, None, None), (15, 53, None), (121, None, BROKEN)]
)
async def test_SS18_a_job_that_could_not_begin_leads_to_another_attempt(
    ce: Bench, code: int, signal: int | None, record: JobRecord | None
) -> None:
    pilot_id = await ended(ce, code=code, signal=signal, record=record)
    pilot = await ce.pilot(pilot_id)
    assert (pilot.stage, pilot.state) == (Stage.WAITING, State.IDLE)
    assert attempt_of(pilot).outcome is Outcome.NOT_STARTED
    assert "could not begin" in (pilot.reason or "")
    assert (await ce.words(pilot_id))[-1] == "attempt_failed"
    await ce.router.tick()
    assert (await ce.pilot(pilot_id)).stage is Stage.WAITING
    ce.clock.advance(FIRST_BACKOFF_S)
    await ce.rounds(1)
    again = await ce.pilot(pilot_id)
    assert (again.stage, attempt_of(again).number) == (Stage.QUEUED, 2)
    ce.site.start(stamp_of(again))
    ce.site.finish(stamp_of(again), 5)
    await ce.rounds(2)
    assert (await ce.pilot(pilot_id)).state is State.COMPLETED


async def test_what_the_wrapper_said_is_told(ce: Bench) -> None:
    pilot_id = await ended(ce, code=121, record=BROKEN)
    assert "cannot make a working directory in /scratch" in ((await ce.pilot(pilot_id)).reason or "")


async def test_a_prologue_that_failed_is_told_with_its_class(ce: Bench) -> None:
    word = f"{PROLOGUE_FAILED}exit code 1 before the pilot began; what it printed is in stderr"
    pilot_id = await ended(ce, code=121, record=JobRecord(1.0, "node-7", "100", 2.0, 121, word))
    pilot = await ce.pilot(pilot_id)
    assert (pilot.stage, pilot.state) == (Stage.WAITING, State.IDLE), "as after any job that could not begin"
    assert word in (pilot.reason or "")
    assert (await ce.history(pilot_id))[-1].data["class"] == "prologue_failed"


@pytest.mark.parametrize(
    ("code", "record"),
    [
        (121, JobRecord(1.0, "node-7", "100", 2.0, 121)),
        (121, JobRecord(1.0, "node-7", "100")),
        (121, JobRecord(None, "node-7", "100", 2.0, 121)),
        (3, None),
    ],
)
async def test_a_pilot_that_began_has_its_own_exit_code_whatever_it_is(
    ce: Bench, code: int, record: JobRecord | None
) -> None:
    pilot = await ce.pilot(await ended(ce, code=code, record=record))
    assert (pilot.state, attempt_of(pilot).exit_code) == (State.COMPLETED, code)


@pytest.mark.parametrize("verb", ["remove", "hold"])
async def test_one_that_is_not_to_run_gets_no_other_attempt(ce: Bench, verb: str) -> None:
    pilot = await ce.sent()
    stamp = stamp_of(pilot)
    ce.site.batch.end(ce.site.job(stamp), Cause.EXITED, code=121)
    await (ce.remove(pilot.id) if verb == "remove" else ce.hold(pilot.id))
    await ce.observe()
    await ce.fetcher.tick()
    over = await ce.pilot(pilot.id)
    assert (over.stage, over.state) == (Stage.DONE, State.REMOVED if verb == "remove" else State.HELD)
