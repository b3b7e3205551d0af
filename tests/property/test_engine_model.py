"""The engine against everything that a site may do, in any order.

A machine submits pilots, lets workers work, breaks what can break, and restarts the CE; after each step all
that is written down is held against what is true at the site. At the end comes calm, and every pilot must
come to its end. The machine itself is tested too: each planted bug must be found.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bosco.batch.model import Cause
from bosco.batch.model import Phase as JobPhase
from bosco.errors import BoscoError, Failed
from bosco.gateway import Evidence
from hosted_ce.engine.judge import Policy, ended, unseen
from hosted_ce.engine.submission import again, settled
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.model import Limits, Route, Usage
from hosted_ce.store.pilots import PilotStore
from tests.fakes.batch import Job
from tests.fakes.bench import NAME, Bench
from tests.fakes.cluster import Accounting
from tests.fakes.database import new_database, quick_folder
from tests.fakes.faults import Fault, Hold
from tests.fakes.truth import Truth, Written

T = TypeVar("T")

ROUTES = (
    Route("small", NAME, Limits(pilots=2, idle=1), when="xcount == 1"),
    Route("big", NAME, Limits(pilots=3, idle=2), when="xcount >= 1"),
)
PILOTS = 7
SENDING = [
    Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.LATE_REQUEST, Fault.LOST_REPLY, Fault.FAILED, Fault.LIMIT,
    Fault.PERMANENT, Fault.TRANSIENT, Fault.TRANSIENT_YET_TAKEN, Fault.UNCLEAR, Fault.UNCLEAR_YET_TAKEN,
    Fault.CLAIM_ONLY, Fault.SLOW, Fault.LEDGER_LOST, Fault.LOST_REPLY_OF_PERMANENT,
]  # fmt: skip
LISTING = [Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.INCOMPLETE, Fault.COMMAND_FAILED, Fault.EMPTY]
ASKING = [Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.LOST_REPLY, Fault.FAILED]
SOON = 60.0
"""Requests that were on their way, and commands under way, come to an end within this many seconds."""

some_pilot = some_job = st.integers(min_value=0, max_value=20)
pauses = st.sampled_from([1.0, 20.0, 45.0, 100.0, 301.0, 1000.0])


class Engine(RuleBasedStateMachine):
    """All rules and the invariant."""

    bench_type: ClassVar[type[Bench]] = Bench

    def __init__(self) -> None:
        super().__init__()
        self.closing = contextlib.ExitStack()
        url = new_database(self.closing.enter_context(quick_folder()))
        self.runner = self.closing.enter_context(asyncio.Runner())
        self.ce = self.runner.run(self._made(url))
        self.site = self.ce.site
        self.truth = Truth(url, self.site, ROUTES)
        self.closing.callback(self.truth.close)
        self.closing.callback(lambda: self.runner.run(self.ce.stop()))
        self.submitting: list[Hold] = []
        self.listing: Hold | None = None
        self.vanished: set[str] = set()
        self.killed: set[str] = set()

    async def _made(self, url: str) -> Bench:
        return self.bench_type(url, routes=ROUTES, window=4)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it to its end, and what it has set going."""
        return self.runner.run(self._settled(work))

    # Clients

    @initialize()
    def begin(self) -> None:
        self.added = 0
        for xcount in (1, 8):
            self.add(xcount)

    @precondition(lambda self: self.added < PILOTS)
    @rule(xcount=st.sampled_from([1, 8, 0]))
    def add(self, xcount: int) -> None:
        self.added += 1
        self.run(self.ce.add(xcount=xcount))

    @rule(which=some_pilot)
    def remove(self, which: int) -> None:
        self.run(self.ce.remove(1 + which % self.added))

    # Workers

    @precondition(lambda self: self.listing is None)
    @rule(after=pauses, rounds=st.integers(min_value=1, max_value=4))
    def work(self, after: float, rounds: int) -> None:
        for _ in range(rounds):
            self.observe(after, None)
            self.route()
            self.submit()
            for step in (self.cancel, self.fetch, self.sweep):
                step(None)

    @rule()
    def route(self) -> None:
        self.run(self.ce.router.tick())

    @rule()
    def submit(self) -> None:
        self.run(self.ce.submit())

    @rule(fault=st.sampled_from(SENDING))
    def submit_into_trouble(self, fault: Fault) -> None:
        self.site.faults.plan("submit", fault)
        self.run(self.ce.submit())

    @rule(replying=st.booleans())
    def submit_and_wait(self, replying: bool) -> None:
        self.submitting.append(self.site.faults.hold("submit", replying=replying))
        self.run(self.ce.submit())

    @precondition(lambda self: self.submitting)
    @rule(fault=st.sampled_from([None, *SENDING]))
    def answer_a_submission(self, fault: Fault | None) -> None:
        self.submitting.pop(0).release(fault)
        self.run(self.ce.submit())

    @precondition(lambda self: self.listing is None)
    @rule(after=pauses, fault=st.sampled_from([None, None, *LISTING]))
    def observe(self, after: float, fault: Fault | None) -> None:
        if fault and (fault is not Fault.EMPTY or self._records_are_true()):
            self.site.faults.plan("list", fault)
        self.pass_time(after)
        self.run(self._tick(self.ce.observer.tick(), closes=True))
        self.site.faults.forget("list")

    @precondition(lambda self: self.listing is None)
    @rule(replying=st.booleans())
    def begin_to_observe(self, replying: bool) -> None:
        self.listing = self.site.faults.hold("list", replying=replying)
        self.run(self._begin())

    @precondition(lambda self: self.listing)
    @rule(fault=st.sampled_from([None, Fault.LOST_REPLY, Fault.COMMAND_FAILED]))
    def end_to_observe(self, fault: Fault | None) -> None:
        assert self.listing and self.ce.observing
        self.listing.release(fault)
        observing, self.listing, self.ce.observing = self.ce.observing, None, None
        self.run(self._tick(_result(observing), closes=True))
        self.site.faults.forget("list")

    @rule(fault=st.sampled_from([None, None, *ASKING]))
    def cancel(self, fault: Fault | None) -> None:
        self._work("cancel", fault, self.ce.canceller.tick)

    @rule(fault=st.sampled_from([None, None, *ASKING]))
    def fetch(self, fault: Fault | None) -> None:
        self._work("fetch", fault, self.ce.fetcher.tick)

    @rule(fault=st.sampled_from([None, None, *ASKING]))
    def sweep(self, fault: Fault | None) -> None:
        self._work("remove", fault, self.ce.sweeper.tick)

    @rule(operation=st.sampled_from(["evidence", "account", "revoke"]), fault=st.sampled_from(ASKING))
    def plan_trouble(self, operation: str, fault: Fault) -> None:
        self.site.faults.plan(operation, fault)

    @rule()
    def lose_contact(self) -> None:
        self.ce.gate.close("the connection was lost")

    @rule()
    def restart(self) -> None:
        self.listing = None
        self.submitting.clear()
        self.site.faults.forget("list", "submit")
        self.run(self.ce.restart())

    # The site

    @rule(after=pauses)
    def pass_time(self, after: float) -> None:
        if after > SOON:
            self.site.deliver_late()
        self.ce.clock.advance(after)

    @rule()
    def deliver(self) -> None:
        self.site.deliver_late()

    @rule()
    def lose_what_is_on_its_way(self) -> None:
        self.site.late.clear()

    @precondition(lambda self: self._jobs(JobPhase.PENDING))
    @rule(which=some_job)
    def start(self, which: int) -> None:
        self.site.start(self._pick(which, JobPhase.PENDING))

    @precondition(lambda self: self._jobs(JobPhase.RUNNING))
    @rule(which=some_job, code=st.integers(min_value=0, max_value=3))
    def finish(self, which: int, code: int) -> None:
        self.site.finish(self._pick(which, JobPhase.RUNNING), code)

    @precondition(lambda self: self._jobs(JobPhase.RUNNING))
    @rule(which=some_job, cause=st.sampled_from(Cause))
    def kill(self, which: int, cause: Cause) -> None:
        stamp = self._pick(which, JobPhase.RUNNING)
        self.site.kill(stamp, cause, code=1)
        self.killed |= {stamp} if cause is Cause.CANCELLED else set()

    @precondition(lambda self: self._jobs(JobPhase.RUNNING))
    @rule(which=some_job)
    def requeue(self, which: int) -> None:
        self.site.requeue(self._pick(which, JobPhase.RUNNING))

    @precondition(lambda self: self._jobs(JobPhase.RUNNING))
    @rule(which=some_job, recorded=st.booleans())
    def vanish(self, which: int, recorded: bool) -> None:
        stamp = self._pick(which, JobPhase.RUNNING)
        if recorded:
            self.site.leave_record(stamp, 4)
        self.site.vanish(stamp)
        self.vanished.add(stamp)

    @rule(how=st.sampled_from(Accounting), lag=st.sampled_from([0.0, 30.0]))
    def change_accounting(self, how: Accounting, lag: float) -> None:
        self.site.accounting_is, self.site.batch.lag = how, lag

    @invariant()
    def all_that_is_written_is_true(self) -> None:
        self.truth.check()

    def teardown(self) -> None:
        """Calm, unless something was found before."""
        with self.closing:
            if sys.exc_info()[0] is None:
                self._calm()

    # How

    async def _begin(self) -> None:
        await self.ce.begin_observing()
        assert self.ce.observing and self.listing
        reached = asyncio.create_task(self.listing.reached.wait())
        await asyncio.wait({reached, self.ce.observing}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()

    async def _settled(self, work: Coroutine[Any, Any, T]) -> T:
        result = await work
        await self.ce.settle()
        return result

    async def _tick(self, work: Coroutine[Any, Any, object], *, closes: bool = False) -> None:
        try:
            await work
        except BoscoError as error:
            if closes:
                self.ce.gate.close(str(error))

    def _work(self, operation: str, fault: Fault | None, tick: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        if fault:
            self.site.faults.plan(operation, fault)
        self.run(self._tick(tick()))

    def _jobs(self, phase: JobPhase) -> list[Job]:
        return [job for job in self.site.batch.jobs if job.alive and job.now.phase is phase]

    def _pick(self, which: int, phase: JobPhase) -> str:
        jobs = self._jobs(phase)
        return jobs[which % len(jobs)].now.stamp

    def _records_are_true(self) -> bool:
        """Against a listing that lies, only accounting helps."""
        return self.site.accounting_is is Accounting.UP and not self.site.batch.lag

    def _calm(self) -> None:
        for hold in self.submitting:
            hold.release()
        self.submitting.clear()
        if self.listing:
            self.end_to_observe(None)
        self.site.faults.calm()
        self.site.deliver_late()
        self.site.accounting_is, self.site.batch.lag = Accounting.UP, 0.0
        for _ in range(40):
            pilots = self.truth.check().values()
            if all(self._at_rest(pilot) for pilot in pilots):
                break
            self._good_day()
        for pilot in self.truth.check().values():
            self._check_end(pilot)

    def _good_day(self) -> None:
        self.ce.clock.advance(301)
        steps = [
            self.ce.observer.tick, self.ce.router.tick, self.ce.submit, self.ce.canceller.tick,
            self.ce.fetcher.tick, self.ce.sweeper.tick,
        ]  # fmt: skip
        for step in steps:
            self.run(step())
        for job in self.site.batch.jobs:
            if job.alive and job.now.phase is JobPhase.PENDING:
                self.site.start(job.now.stamp)
            elif job.alive:
                self.site.finish(job.now.stamp)

    def _at_rest(self, pilot: Written) -> bool:
        return pilot.stage is Stage.DONE or "no route takes it" in pilot.reason

    def _check_end(self, pilot: Written) -> None:
        assert self._at_rest(pilot), f"pilot {pilot.id} never came to its end: {pilot}"
        stamps, wanted = set(pilot.stamps), pilot.goal is Goal.RUN
        if pilot.state is State.LOST:
            assert stamps & self.vanished, "lost, and nothing had vanished"
        if pilot.state is State.REMOVED:
            assert not wanted or stamps & self.killed, "removed, and nobody had asked for it"
        if pilot.state is State.HELD:
            assert stamps & self.site.refused_for_good, "held, and the site would have taken it"


async def _result(task: asyncio.Task[None]) -> None:
    await task


BOUNDED = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_no_pilot_is_lost_doubled_or_called_what_it_is_not() -> None:
    run_state_machine_as_test(Engine, settings=BOUNDED)


# The machine can fail: each of these bugs must be found

HUNT = settings(
    BOUNDED, max_examples=400, derandomize=True, database=None, phases=(Phase.generate,),
    report_multiple_bugs=False,
)  # fmt: skip


def hunted(store: type[PilotStore] = PilotStore) -> type[Engine]:
    """The machine with another store."""
    bench = type("MutantBench", (Bench,), {"store_type": store})
    return type("Mutant", (Engine,), {"bench_type": bench})


def a_new_stamp_at_once(pilot: Pilot, why: str, now: float) -> Change:
    return again(pilot, why, now)


def absent_is_completed(
    pilot: Pilot, evidence: Evidence, policy: Policy, now: float, *, accounting_answered: bool
) -> Change | None:
    change = unseen(pilot, evidence, policy, now, accounting_answered=accounting_answered)
    if change and change.attempt.get("absences"):
        return ended(pilot, None, replace(evidence.job, exit_code=0), now)
    return change


def impatient(pilot: Pilot, evidence: Evidence, policy: Policy, now: float, *, absent: bool) -> Change | None:
    return settled(pilot, evidence, replace(policy, answer_grace=0.0), now, absent=absent)


def any_listing_proves(
    pilot: Pilot, evidence: Evidence, policy: Policy, now: float, *, absent: bool
) -> Change | None:
    return settled(pilot, evidence, policy, now, absent=True)


@pytest.mark.parametrize(
    ("place", "bug"),
    [
        pytest.param("hosted_ce.engine.submit.doubted", a_new_stamp_at_once, id="a new stamp after Interrupted"),
        pytest.param("hosted_ce.engine.observe.unseen", absent_is_completed, id="absent means completed"),
        pytest.param("hosted_ce.engine.observe.settled", impatient, id="no grace for a slow submit"),
        pytest.param("hosted_ce.engine.observe.settled", any_listing_proves, id="any listing proves absence"),
    ],
)
def test_a_bug_in_a_worker_is_found(monkeypatch: pytest.MonkeyPatch, place: str, bug: object) -> None:
    monkeypatch.setattr(place, bug)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Engine, settings=HUNT)


class Careless(PilotStore):
    """Writes whatever it is given, however old."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        now = [replace(change, pilot=await self._newest(change.pilot)) for change in changes]
        return await super().apply(now)

    async def _newest(self, pilot: Pilot) -> Pilot:
        found = await self.get(pilot.id)
        assert found
        return replace(pilot, version=found.version, attempt=found.attempt)


class Limitless(PilotStore):
    """Counts nobody."""

    async def usage(self) -> dict[str, Usage]:
        return {}


@pytest.mark.parametrize("bug", [Careless, Limitless])
def test_a_bug_in_the_store_is_found(bug: type[PilotStore]) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(hunted(bug), settings=HUNT)
