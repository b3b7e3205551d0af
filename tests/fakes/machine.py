"""A machine that plays clients, workers, trouble and a site against each other, in any order.

After each step all that is written down is held against what is true at the site. At the end comes calm, and
every pilot must come to its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar, TypeVar

import structlog
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bosco.batch.model import Cause
from bosco.batch.model import Phase as JobPhase
from bosco.errors import BoscoError, OtherSpool
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.compile import site_route
from hosted_ce.routing.limits import Caps, Limits
from tests.fakes.batch import Accounting, Job
from tests.fakes.bench import NAME, Bench
from tests.fakes.cluster import REQUEST_LIFE
from tests.fakes.database import fresh_database
from tests.fakes.faults import Fault, Hold
from tests.fakes.postgresql import Server
from tests.fakes.truth import Truth, Written

T = TypeVar("T")

ROUTES = (
    site_route("small", NAME, when="xcount == 1", falls_through=True, limits=Limits(Caps(2, 1), submits=3)),
    site_route("big", NAME, when="xcount >= 1", limits=Limits(Caps(3, 2, cores=17))),
)
PILOTS = 7
SENDING = [
    Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.LATE_REQUEST, Fault.LOST_REPLY, Fault.FAILED, Fault.LIMIT,
    Fault.PERMANENT, Fault.TRANSIENT, Fault.TRANSIENT_YET_TAKEN, Fault.UNCLEAR, Fault.UNCLEAR_YET_TAKEN,
    Fault.CLAIM_ONLY, Fault.SLOW, Fault.LEDGER_LOST, Fault.LOST_REPLY_OF_PERMANENT,
]  # fmt: skip
LISTING = [Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.INCOMPLETE, Fault.COMMAND_FAILED, Fault.EMPTY]
ASKING = [Fault.NOT_RUN, Fault.LOST_REQUEST, Fault.LOST_REPLY, Fault.FAILED]
OPERATIONS = ["evidence", "revoke", "cancel", "fetch", "remove"]
COMMAND_TIMEOUT = 120.0
"""A submit command ends within so many seconds."""
WORKERS = 6
ENDS = [cause for cause in Cause if cause is not Cause.NOT_STARTED]
"""How a job that runs may end."""

Trouble = tuple[str, Fault]
pauses = st.sampled_from([1.0, 20.0, 45.0, 100.0, 301.0, 1000.0])
Event = str
events: st.SearchStrategy[Event] = st.sampled_from(
    ["finish", "finish", "fail", "vanish", "vanish with a record", "requeue", "cannot begin", *ENDS]
)


class Mistake(Exception):
    """The CE failed at a pilot by an error of its own code, and would have parked it.

    No AssertionError: a planted bug that cannot even be called is not found by what it does.
    """


class AtOnce(ThreadPoolExecutor):
    """Does it here and now: without threads a run can be repeated, and takes half the time."""

    def submit(self, work: Callable[..., T], /, *given: Any, **named: Any) -> Future[T]:
        """What is asked for is done when it returns."""
        done: Future[T] = Future()
        try:
            done.set_result(work(*given, **named))
        except Exception as error:
            done.set_exception(error)
        return done


class Engine(RuleBasedStateMachine):
    """All rules and the invariant."""

    server: ClassVar[Server | None] = None
    """Where its databases are; None: on SQLite."""
    bench_type: ClassVar[type[Bench]] = Bench
    records: ClassVar[Sequence[Accounting]] = tuple(Accounting)
    later: ClassVar[st.SearchStrategy[float]] = st.sampled_from([0.0, 0.0, 2000.0])
    troubles: ClassVar[st.SearchStrategy[Trouble]] = st.one_of(
        st.tuples(st.just("submit"), st.sampled_from(SENDING)),
        st.tuples(st.just("list"), st.sampled_from(LISTING)),
        st.tuples(st.just("account"), st.sampled_from([*ASKING, Fault.COMMAND_FAILED])),
        st.tuples(st.sampled_from(OPERATIONS), st.sampled_from(ASKING)),
    )

    def __init__(self) -> None:
        super().__init__()
        self.closing = contextlib.ExitStack()
        url = self.closing.enter_context(fresh_database(self.server))
        self.runner = self.closing.enter_context(asyncio.Runner())
        self.runner.get_loop().set_default_executor(AtOnce(1))
        self.ce = self.runner.run(self._made(url))
        self.site = self.ce.site
        self.site.accounting_is = self.records[0]
        self.truth = Truth(url, self.site, ROUTES)
        self.closing.callback(self.truth.close)
        self.closing.callback(lambda: self.runner.run(self.ce.stop()))
        self.submitting: list[Hold] = []
        self.listing: Hold | None = None
        self.killed: set[str] = set()
        self.logs = self.closing.enter_context(structlog.testing.capture_logs())
        self.added = 0
        self.waited = self.much_later = 0.0

    # Clients

    @initialize(
        xcounts=st.lists(st.sampled_from([1, 8]), min_size=1, max_size=3), deaf=st.booleans(), data=st.data()
    )
    def begin(self, xcounts: list[int], deaf: bool, data: st.DataObject) -> None:
        self.site.batch.deaf, self.much_later = deaf, data.draw(self.later)
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

    @rule(which=st.integers(min_value=0, max_value=PILOTS))
    def hold(self, which: int) -> None:
        self.run(self.ce.hold(1 + which % self.added))

    @rule(which=st.integers(min_value=0, max_value=PILOTS))
    def release(self, which: int) -> None:
        self.run(self.ce.release(1 + which % self.added))

    # Workers

    @rule(after=pauses, events=st.lists(events, max_size=3), troubles=st.integers(0, 2), data=st.data())
    def work(self, after: float, events: list[Event], troubles: int, data: st.DataObject) -> None:
        """The usual course of things: the workers work, jobs live, and something goes wrong now and then."""
        for _ in range(troubles):
            self.plan_trouble(data)
        self._work(after, events)

    def _work(self, after: float, events: list[Event]) -> None:
        self.end_the_listing(None)
        for event in [None, *events]:
            if event:
                for which in range(len(self._alive())):
                    self.happen(which, event)
            self.pass_time(after)
            for worker in range(WORKERS):
                self.step(worker)

    @rule(worker=st.integers(min_value=0, max_value=WORKERS - 1))
    def step(self, worker: int) -> None:
        steps = [
            self._observe, self.ce.router.tick, self.ce.submit, self.ce.canceller.tick,
            self.ce.fetcher.tick, self.ce.sweeper.tick,
        ]  # fmt: skip
        self.run(_in_trouble(steps[worker]()))

    @rule(data=st.data())
    def plan_trouble(self, data: st.DataObject) -> None:
        operation, fault = data.draw(self.troubles, label="trouble")
        good_records = self.site.accounting_is is Accounting.UP and not self.site.batch.lag
        if fault is not Fault.EMPTY or good_records:  # against a listing that lies, only records help
            self.site.faults.plan(operation, fault)

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
        """Requests that are on their way arrive when they are heeded for the last time, or much later."""
        oldest = min((request.sent_at for request in self.site.late), default=self.ce.clock())
        if self.ce.clock() + after > oldest + REQUEST_LIFE + self.much_later:
            self.site.deliver_late()
        self.waited = self.waited + after if self.site.slow else 0.0
        if self.waited > COMMAND_TIMEOUT:
            self.site.end_slow()
            self.waited = 0.0
        self.ce.clock.advance(after)

    @rule(arrives=st.booleans())
    def end_what_is_on_its_way(self, arrives: bool) -> None:
        if not arrives:
            self.site.late.clear()
        self.site.deliver_late()

    @rule(which=st.integers(min_value=0, max_value=PILOTS), event=events)
    def happen(self, which: int, event: Event) -> None:
        jobs = self._alive()
        if not jobs:
            return
        job = jobs[which % len(jobs)]
        if job.now.phase is JobPhase.PENDING and event == "cannot begin":
            self.site.break_start(job.now.stamp)
        elif job.now.phase is JobPhase.PENDING:
            self.site.start(job.now.stamp)
        else:
            self._happen(job.now.stamp, event)

    @rule(data=st.data(), lag=st.sampled_from([0.0, 30.0]))
    def change_accounting(self, data: st.DataObject, lag: float) -> None:
        self.site.accounting_is = data.draw(st.sampled_from(self.records), label="accounting")
        if self.site.wiped and self.site.accounting_is is Accounting.DISABLED:
            self.site.accounting_is = Accounting.DOWN  # without spool and records nothing would be left
        self.site.batch.lag = lag
        self.site.faults.forget("list")  # a listing that lies was only planned with good records

    @precondition(lambda self: self.site.accounting_is is Accounting.UP)
    @rule(accepted=st.booleans())
    def wipe_the_spool(self, accepted: bool) -> None:
        if self._forgotten_in_doubt():
            return  # without spool and records nothing would be left of it
        self.site.wipe()
        if accepted:
            self.accept_the_spool()

    @precondition(lambda self: self.site.accounting_is is Accounting.UP and self.site.late)
    @rule(accepted=st.booleans())
    def wipe_the_spool_before_a_request_arrives(self, accepted: bool) -> None:
        self.wipe_the_spool(accepted)
        self.site.deliver_late()

    @precondition(lambda self: self.site.expected and self.site.expected not in self.site.marks)
    @rule()
    def accept_the_spool(self) -> None:
        self.run(self.ce.spool.accept("an operator says so"))

    @invariant()
    def all_that_is_written_is_true(self) -> None:
        self._made_no_mistake()
        self.truth.check()
        assert not [line for line in self.logs if line["log_level"] == "error"]

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

    def _forgotten_in_doubt(self) -> bool:
        """Whether there was a job of which the batch system knows nothing more, and the CE nothing yet."""
        gone = {job.now.stamp for job in self.site.batch.jobs if job.gone_at is not None}
        doubtful = (pilot for pilot in self.truth.pilots().values() if pilot.stage is Stage.DOUBTFUL)
        return any(pilot.stamps[-1] in gone for pilot in doubtful)

    def _happen(self, stamp: str, event: Event) -> None:
        if event == "requeue":
            self.site.requeue(stamp)
        elif event in {"finish", "fail", "cannot begin"}:
            self.site.finish(stamp, 3 * (event != "finish"))
        elif isinstance(event, Cause):
            self.site.kill(stamp, Cause(event), code=int(event is Cause.EXITED))
            self.killed |= {stamp} if event is Cause.CANCELLED else set()
        elif stamp not in self.site.wiped:  # without spool and records nothing would be left
            if event == "vanish with a record":
                self.site.leave_record(stamp, 4)
            self.site.vanish(stamp)

    def _made_no_mistake(self) -> None:
        for line in self.logs:
            if line["event"] == "cannot handle a pilot":
                raise Mistake(f"step {line['step']} failed at a pilot") from line["exc_info"]

    def _calm(self) -> None:
        self.site.faults.forget("submit", "list")
        self.answer(None)
        self.site.faults.calm()
        self.site.accounting_is, self.site.batch.lag = Accounting.UP, 0.0
        self.run(self._mended())
        for _ in range(40):
            if all(self._at_rest(pilot) for pilot in self.truth.check().values()):
                break
            self._work(301, ["finish"])
        self._made_no_mistake()
        for pilot in self.truth.check().values():
            self._check_end(pilot)

    async def _mended(self) -> None:
        try:
            await self.site.check_spool()
        except OtherSpool:
            await self.ce.spool.accept("an operator says so")

    def _at_rest(self, pilot: Written) -> bool:
        return pilot.stage is Stage.DONE or "no route takes it" in pilot.reason

    def _check_end(self, pilot: Written) -> None:
        assert self._at_rest(pilot), f"pilot {pilot.id} never came to its end: {pilot}"
        stamps = set(pilot.stamps)
        if pilot.state is State.LOST:
            on_record = self.site.exit_codes.keys() - self.site.wiped
            assert pilot.stamps[-1] not in on_record, "lost, and its end is on record"
        if pilot.state is State.REMOVED:
            asked = pilot.goal is Goal.REMOVE
            assert asked or stamps & self.killed, "removed, and nobody had asked for it"
        if pilot.state is State.HELD:
            refused = stamps & self.site.refused_for_good
            assert refused or pilot.goal is Goal.HOLD, "held, and the site would have taken it"


async def _in_trouble(work: Coroutine[Any, Any, object]) -> None:
    """Trouble at the site is what workers are made for: the next round goes on."""
    with contextlib.suppress(BoscoError):
        await work
