"""The engine against everything that a site may do, in any order.

A machine submits pilots, lets workers work, breaks what can break, and restarts the CE; after each step all
that is written down is held against what is true at the site. At the end comes calm, and every pilot must
come to its end. The machine itself is tested too: each planted bug must be found.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Coroutine, Sequence
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
from bosco.errors import BoscoError
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
OPERATIONS = ["evidence", "account", "revoke", "cancel", "fetch", "remove"]
SOON = 60.0
"""Requests that were on their way, and commands under way, come to an end within this many seconds."""
WORKERS = 6

Trouble = tuple[str, Fault]
troubles = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(SENDING)),
    st.tuples(st.just("list"), st.sampled_from(LISTING)),
    st.tuples(st.sampled_from(OPERATIONS), st.sampled_from(ASKING)),
)
pauses = st.sampled_from([1.0, 20.0, 45.0, 100.0, 301.0, 1000.0])
events = st.sampled_from(["finish", "finish", "fail", "vanish", "vanish with a record", "requeue", *Cause])


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
        self.added = 0

    # Clients

    @initialize(xcounts=st.lists(st.sampled_from([1, 8]), min_size=1, max_size=3))
    def begin(self, xcounts: list[int]) -> None:
        for xcount in xcounts:
            self.add(xcount)

    @precondition(lambda self: self.added < PILOTS)
    @rule(xcount=st.sampled_from([1, 8, 0]))
    def add(self, xcount: int) -> None:
        self.added += 1
        self.run(self.ce.add(xcount=xcount))

    @rule(which=st.integers(min_value=0, max_value=PILOTS))
    def remove(self, which: int) -> None:
        self.run(self.ce.remove(1 + which % self.added))

    # Workers

    @rule(after=pauses, rounds=st.integers(min_value=1, max_value=4), trouble=st.none() | troubles)
    def work(self, after: float, rounds: int, trouble: Trouble | None) -> None:
        self.answer(None)
        self.end_the_listing(None)
        for _ in range(rounds):
            self.pass_time(after)
            if trouble:
                self._plan(*trouble)
            for worker in range(WORKERS):
                self.step(worker)

    @rule(worker=st.integers(min_value=0, max_value=WORKERS - 1))
    def step(self, worker: int) -> None:
        steps = [
            self._observe, self.ce.router.tick, self.ce.submit, self.ce.canceller.tick,
            self.ce.fetcher.tick, self.ce.sweeper.tick,
        ]  # fmt: skip
        self.run(_in_trouble(steps[worker]()))

    @rule(trouble=troubles)
    def plan_trouble(self, trouble: Trouble) -> None:
        self._plan(*trouble)

    @precondition(lambda self: len(self.submitting) < 3)
    @rule(replying=st.booleans())
    def hold_a_submission(self, replying: bool) -> None:
        self.submitting.append(self.site.faults.hold("submit", replying=replying))
        self.run(self.ce.submit())

    @precondition(lambda self: self.submitting)
    @rule(fault=st.sampled_from([None, *SENDING]))
    def answer(self, fault: Fault | None) -> None:
        while self.submitting:
            self.submitting.pop().release(fault)
        self.run(self.ce.submit())

    @precondition(lambda self: self.listing is None)
    @rule(replying=st.booleans())
    def hold_a_listing(self, replying: bool) -> None:
        self.listing = self.site.faults.hold("list", replying=replying)
        self.run(self._begin(self.listing))

    @precondition(lambda self: self.listing)
    @rule(fault=st.sampled_from([None, Fault.LOST_REPLY, Fault.COMMAND_FAILED]))
    def end_the_listing(self, fault: Fault | None) -> None:
        if self.listing:
            self.listing.release(fault)
            self.listing = None
            self.run(self._observe())
            self.site.faults.forget("list")

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

    @rule(arrives=st.booleans())
    def end_what_is_on_its_way(self, arrives: bool) -> None:
        if not arrives:
            self.site.late.clear()
        self.site.deliver_late()

    @precondition(lambda self: self._alive())
    @rule(which=st.integers(min_value=0, max_value=PILOTS), event=events)
    def happen(self, which: int, event: str) -> None:
        jobs = self._alive()
        job = jobs[which % len(jobs)]
        if job.now.phase is JobPhase.PENDING:
            self.site.start(job.now.stamp)
        else:
            self._happen(job.now.stamp, event)

    @rule(how=st.sampled_from(Accounting), lag=st.sampled_from([0.0, 30.0]))
    def change_accounting(self, how: Accounting, lag: float) -> None:
        self.site.accounting_is, self.site.batch.lag = how, lag
        self.site.faults.forget("list")  # a listing that lies was only planned with good records

    @invariant()
    def all_that_is_written_is_true(self) -> None:
        self.truth.check()

    def teardown(self) -> None:
        """Calm, unless something was found before."""
        with self.closing:
            if sys.exc_info()[0] is None:
                self._calm()

    # How

    async def _made(self, url: str) -> Bench:
        return self.bench_type(url, routes=ROUTES, window=4)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it to its end, and what it has set going."""
        return self.runner.run(self._settled(work))

    async def _settled(self, work: Coroutine[Any, Any, T]) -> T:
        result = await work
        await self.ce.settle()
        return result

    def _plan(self, operation: str, fault: Fault) -> None:
        good_records = self.site.accounting_is is Accounting.UP and not self.site.batch.lag
        if fault is not Fault.EMPTY or good_records:  # against a listing that lies, only records help
            self.site.faults.plan(operation, fault)

    async def _observe(self) -> None:
        """One round, or the end of the one that is held."""
        if self.listing:
            return
        round_, self.ce.observing = self.ce.observing, None
        try:
            await (round_ or self.ce.observer.tick())
        except BoscoError as error:
            self.ce.gate.close(str(error))

    async def _begin(self, hold: Hold) -> None:
        await self.ce.begin_observing()
        assert self.ce.observing
        reached = asyncio.create_task(hold.reached.wait())
        await asyncio.wait({reached, self.ce.observing}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()

    def _alive(self) -> list[Job]:
        return [job for job in self.site.batch.jobs if job.alive]

    def _happen(self, stamp: str, event: str) -> None:
        if event == "requeue":
            self.site.requeue(stamp)
        elif event in {"finish", "fail"}:
            self.site.finish(stamp, 3 * (event == "fail"))
        elif event in Cause:
            self.site.kill(stamp, Cause(event), code=1)
            self.killed |= {stamp} if event == Cause.CANCELLED else set()
        else:
            if event == "vanish with a record":
                self.site.leave_record(stamp, 4)
            self.site.vanish(stamp)
            self.vanished.add(stamp)

    def _calm(self) -> None:
        self.site.faults.forget("submit", "list")
        self.answer(None)
        self.end_the_listing(None)
        self.site.faults.calm()
        self.site.accounting_is, self.site.batch.lag = Accounting.UP, 0.0
        for _ in range(40):
            if all(self._at_rest(pilot) for pilot in self.truth.check().values()):
                break
            self.work(301, 1, None)
            for job in self._alive():
                self.happen(self._alive().index(job), "finish")
        for pilot in self.truth.check().values():
            self._check_end(pilot)

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


async def _in_trouble(work: Coroutine[Any, Any, object]) -> None:
    """Trouble at the site is what workers are made for: the next round goes on."""
    with contextlib.suppress(BoscoError):
        await work


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
