"""A machine that plays a factory, its schedd, the door, the engine and a site against each other.

The engine's machine with the door before it. Whatever anybody does, and between whichever calls of the
schedd, its queue tells the truth about the site, and what the factory asks for is done.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from bosco.batch.model import Cause, Phase
from hosted_ce.intake.condor.follow import FACTORY
from hosted_ce.intake.condor.holds import HOLD_CODE, SubCode
from hosted_ce.intake.condor.job import ALIVE
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import AT_SITE, FINAL, Goal, State
from hosted_ce.store import tables
from hosted_ce.store.rows import pilot_of, select_pilots
from tests.fakes.batch import Job
from tests.fakes.database import quick_folder
from tests.fakes.door import FILES, DoorBench
from tests.fakes.factory import SCRIPT, At, Sent
from tests.fakes.machine import PILOTS, ROUTES, Engine, Event, Trouble, events, pauses
from tests.fakes.schedd import COMPLETED, HELD, IDLE, REMOVED, RUNNING, QueuedAd, folder_of, lost

PILOTS_OF_DOOR = select_pilots().where(tables.pilots.c.door == "condor").order_by(tables.pilots.c.id)
RELEASES = (
    sa.select(tables.events.c.pilot_id, sa.func.count())
    .where(tables.events.c.actor == FACTORY, tables.events.c.what.in_(["released", "release_asked"]))
    .group_by(tables.events.c.pilot_id)
)
WHICH = st.integers(min_value=0, max_value=PILOTS)
LONG = st.sampled_from([2000.0, 9000.0, 45_000.0])
WALLTIME_S = 3600
BAD = {"bad request": SubCode.BAD_REQUEST, "no file": SubCode.INPUTS}
XCOUNTS = {"big": 8, "no route": None}
ASKED = ["hold", "hold", "release", "release", "hold and release", "hold and release", "remove", "forget"]
FAULTS = ["lost", "lost", "lost", "killed", "killed"]
Plan = tuple[int | str, str, int, bool]
"""After so many calls of the schedd, or at the next edit of an attribute, this happens, to that pilot, before
the call's effect or after it."""
Round = tuple[Event | None, Plan | None, Trouble | None]
"""What happens to the jobs at the site, what happens in the queue meanwhile, which trouble the site is in."""


EITHER = st.booleans()
MOMENTS = st.integers(0, 24) | st.sampled_from(["JobStatus", "HoldReasonCode", "HostedCEStatus", "Managed"])


def plans(
    *actions: str,
    moments: st.SearchStrategy[int | str] = MOMENTS,
    replying: st.SearchStrategy[bool] = EITHER,
) -> st.SearchStrategy[Plan]:
    """These happen in the queue, at these moments."""
    return st.tuples(moments, st.sampled_from(actions), WHICH, replying)


class Killed(BaseException):
    """The daemon is killed at this moment."""


class Door(Engine):
    """All rules and invariants."""

    first: ClassVar[int] = 3
    """So many pilots there may be at the beginning."""
    kinds: ClassVar[Sequence[str]] = ("small", "small", "small", "big", "big", "no route", *BAD)
    asked: ClassVar[Sequence[str]] = ASKED
    operated: ClassVar[Sequence[str]] = ("hold", "release", "remove")
    disasters: ClassVar[Sequence[str]] = (
        "gridmanager", "gridmanager", "daemon", "daemon", "schedd", "forced removal", "queue",
    )  # fmt: skip
    rounds: ClassVar[st.SearchStrategy[Round]] = st.tuples(
        st.none() | st.sampled_from(["start"] * 4) | events,
        st.none() | plans(*ASKED[:-1], *FAULTS),
        st.none() | Engine.troubles,
    )

    def __init__(self) -> None:
        super().__init__()
        assert isinstance(self.ce, DoorBench)
        self.bench: DoorBench = self.ce
        self.schedd, self.factory = self.bench.schedd, self.bench.factory
        self.schedd.leaving = lambda job: self._check_given_back(job, self._by_key().get(job.key))
        self.schedd.removing = lambda job: self._check_removed(job, self._by_key().get(job.key))
        self.kind_of: dict[str, str] = {}
        self.by_operator: defaultdict[str, set[int]] = defaultdict(set)
        """Pilots that an operator of the CE wanted held or removed."""
        self.before_hold: dict[str, set[str]] = {}
        """Stamps that a job's pilot had when the factory held it: none of these may go on."""
        self.reader = sa.create_engine(self.ce.url)
        self.closing.callback(self.reader.dispose)

    # The factory

    @initialize(data=st.data())
    def begin_at_the_factory(self, data: st.DataObject) -> None:
        self.site.batch.deaf, self.much_later = data.draw(st.booleans()), data.draw(self.later)
        for _ in range(data.draw(st.integers(1, self.first))):
            self.submit(data.draw(st.sampled_from(self.kinds)))

    @precondition(lambda self: len(self.factory.sent) < PILOTS)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        self.submit(data.draw(st.sampled_from(self.kinds)))
        self._go_on(data)

    def submit(self, kind: str) -> None:
        """From the factory."""
        ad: dict[str, Any] = {"xcount": XCOUNTS.get(kind, 1), "maxWallTime": WALLTIME_S // 60}
        ad = {name: value for name, value in ad.items() if value is not None}
        if kind == "bad request":
            ad["maxMemory"] = -5
        sent = self.factory.submit(ad, FILES)
        self.kind_of[sent.key] = kind
        if kind == "no file":
            (folder_of(self.schedd.jobs[sent.job_id]) / SCRIPT).unlink()

    @rule(which=WHICH, data=st.data())
    def ask(self, which: int, data: st.DataObject) -> None:
        held = self._sent(which).at is At.HELD
        useful = [what for what in self.asked if not what.startswith("hold" if held else "release")]
        self._act(data.draw(st.sampled_from(useful or self.asked)), which)
        self._go_on(data)

    # The usual course of things

    @rule(after=pauses, data=st.data())
    def work(self, after: float, data: st.DataObject) -> None:
        self._work(after, [])
        self._go_on(data)

    def _go_on(self, data: st.DataObject) -> None:
        """Door, engine and gridmanager work, jobs live; somebody is faster, something goes wrong."""
        for event, plan, trouble in data.draw(st.lists(self.rounds, max_size=3)):
            if plan:
                self._plan(*plan)
            if trouble:
                self.site.faults.plan(*trouble)
            self._work(20.0, [event] if event else [])

    def _plan(self, when: int | str, action: str, which: int, replying: bool) -> None:
        self.schedd.plan(when, lambda: self._act(action, which), replying=replying)

    @rule()
    def look(self) -> None:
        self._look()

    def _look(self) -> None:
        undisturbed = not self.schedd.plans
        for _ in range(2):
            try:
                self.run(self.bench.look())
                self.the_queue_tells_the_truth()
            except Killed:
                self.the_queue_tells_the_truth()
                self.restart()
        self.schedd.sweep()
        if undisturbed:
            assert self.bench.door.status.in_contact, self.bench.door.status.problem
            self._all_agree()

    @rule(after=LONG, data=st.data())
    def wait(self, after: float, data: st.DataObject) -> None:
        """Somebody is faster just when something has become too old."""
        self.pass_time(after)
        self._go_on(data)

    def pass_time(self, after: float) -> None:
        super().pass_time(after)

    # Disasters

    @rule(which=WHICH, data=st.data())
    def break_down(self, which: int, data: st.DataObject) -> None:
        match data.draw(st.sampled_from(self.disasters)):
            case "gridmanager":
                self.factory.restart()
                self.factory.poll()
            case "daemon":
                self.restart()
            case "schedd":
                self.schedd.restart()
            case "forced removal":
                self._remove_by_force(self._sent(which))
            case _:
                self._lose_the_queue()
        self._go_on(data)

    def _remove_by_force(self, sent: Sent) -> None:
        """At the CE."""
        sent.may_disappear = True
        if self.schedd.by_key(sent.key):
            self.schedd.remove_by_force(sent.job_id)

    def _lose_the_queue(self) -> None:
        """The next job gets the number of another one that is not forgotten yet."""
        for sent in self.factory.sent:
            sent.may_disappear = True
        self.schedd.lose_queue()
        self.schedd.plan(0, lost)
        if len(self.factory.sent) < PILOTS:
            self.submit("small")

    # Operators of the CE

    @precondition(lambda self: self._pilots())
    @rule(which=WHICH, data=st.data())
    def operate(self, which: int, data: st.DataObject) -> None:
        what = data.draw(st.sampled_from(self.operated))
        there = self._pilots()
        there = [pilot for pilot in there if pilot.state not in FINAL] or there
        pilot = there[which % len(there)]
        self.by_operator[what].add(pilot.id)
        self.run(getattr(self.bench, what)(pilot.id))
        self._go_on(data)

    # What must hold

    @invariant()
    def the_queue_tells_the_truth(self) -> None:
        assert not self.schedd.overridden, self.schedd.overridden
        known = self._by_key()
        for job in self.schedd.jobs.values():
            pilot = known.get(job.key)
            if job.ad.get("Managed") == "ScheddDone":
                self._check_given_back(job, pilot)
            if job.status == COMPLETED:
                self._check_completed(job, pilot)
            if job.status == HELD:
                self._check_hold(job, pilot)
            assert pilot is None or job.ad.get("ChirpHostedCEPilot", pilot.id) == pilot.id
        for pilot_id, releases in self._releases().items():
            key = next(key for key, pilot in known.items() if pilot.id == pilot_id)
            assert releases <= self.schedd.released[key], f"{key} was released, and not by its factory"
        for key, (status, age) in self.schedd.removed.items():
            self._check_removal(key, status, age, known.get(key))

    def _check_given_back(self, job: QueuedAd, pilot: Pilot | None) -> None:
        assert not self._alive_of(pilot), f"{job.key} was given back, and its batch job is alive"

    def _check_completed(self, job: QueuedAd, pilot: Pilot | None) -> None:
        assert pilot, f"{job.key} is completed, and never was a pilot"
        assert pilot.state in {State.COMPLETED, State.REMOVED}, f"{job.key} is completed: {pilot}"
        assert not self._alive_of(pilot), f"{job.key} is completed, and its batch job is alive"
        assert pilot.attempt
        ours = pilot.attempt.batch_id in self.site.cancelled
        assert pilot.state is State.REMOVED or not ours, f"{job.key}: a hold's end is called the pilot's"
        for name, which in (("Out", "stdout"), ("Err", "stderr")):
            kept = self.bench.outputs.kept[pilot.id, pilot.attempt.number, which]
            assert (folder_of(job) / job.ad[name]).read_bytes() == kept
        code = self._exit_code(pilot.attempt.stamp)
        assert job.ad["ExitBySignal"] is (code is None)
        assert job.ad.get("ExitCode") == code or job.ad["ExitBySignal"]

    def _exit_code(self, stamp: str) -> int | None:
        """The true one, None when it did not exit by itself."""
        if stamp in self.site.exit_codes:
            return self.site.exit_codes[stamp]
        seen = self.site.job(stamp).now
        if seen.phase is Phase.ENDED and seen.cause is Cause.EXITED and not seen.exit_signal:
            return seen.exit_code
        return None if seen.exit_signal else seen.exit_code or None

    def _check_hold(self, job: QueuedAd, pilot: Pilot | None) -> None:
        """Only for what can never run here, or what somebody asked for; never for an outage."""
        reason = str(job.ad.get("HoldReason"))
        if job.ad.get("HoldReasonCode") != HOLD_CODE:
            return
        assert reason.startswith("HostedCE[LAB] ")
        kind, code = self.kind_of[job.key], SubCode(job.ad["HoldReasonSubCode"])
        match code:
            case SubCode.BAD_REQUEST | SubCode.INPUTS:
                legal = BAD.get(kind) is code
            case SubCode.NO_ROUTE:
                legal = kind == "no route"
            case SubCode.REFUSED:
                legal = bool(pilot and set(self._stamps(pilot)) & self.site.refused_for_good)
            case SubCode.LOST:
                legal = bool(pilot and pilot.state is State.LOST)
            case SubCode.REQUESTED:
                legal = bool(pilot and pilot.id in self.by_operator["hold"])
            case SubCode.REMOVED:
                killed = bool(pilot and set(self._stamps(pilot)) & self.killed)
                legal = bool(pilot and pilot.id in self.by_operator["remove"]) or killed
        assert legal, f"{job.key} is held: {reason}"

    def _check_removal(self, key: str, status: int, age: float, pilot: Pilot | None) -> None:
        rules = self.bench.rules
        least = {HELD: rules.held_remove, COMPLETED: rules.completed_expire, IDLE: 0, RUNNING: 0}[status]
        assert age >= least, f"{key} was removed {age:.0f} s after it became {status}"
        if status == RUNNING:
            assert pilot
            assert pilot.attempt
            began = self.site.job(pilot.attempt.stamp).now.started_at or 0
            assert self.bench.clock() - began >= WALLTIME_S + rules.overrun_remove

    def _check_removed(self, job: QueuedAd, pilot: Pilot | None) -> None:
        """Not raised: the door would take it for the schedd's trouble."""
        alive = job.status in ALIVE and pilot and pilot.goal is Goal.RUN
        if alive and pilot and pilot.door_holds != job.ad.get("NumHolds", 0):
            self.schedd.overridden.append(f"{job.key} was held and released, and then removed all the same")

    def _all_agree(self) -> None:
        """After an undisturbed look."""
        known = self._by_key()
        for job in self.schedd.jobs.values():
            pilot = known.get(job.key)
            if job.external and pilot:
                self._agree(job, pilot)
            elif job.status in ALIVE:
                raise AssertionError(f"{job.key} is neither taken in nor held")

    def _agree(self, job: QueuedAd, pilot: Pilot) -> None:
        over = pilot.state in FINAL
        if job.status == REMOVED:
            assert not over, f"{job.key} was not given back: {pilot}"
            assert pilot.goal is Goal.REMOVE, f"{job.key} is removed: {pilot}"
        if job.status == HELD:
            ending = pilot.goal in {Goal.HOLD, Goal.REMOVE}
            assert over or ending or pilot.state is State.HELD, f"{job.key} is held: {pilot}"
        if job.status in ALIVE:
            there = not over and pilot.state is not State.HELD
            assert there, f"{job.key} still seems to be under way: {pilot}"
            assert pilot.door_holds == job.ad.get("NumHolds", 0)
            runs = pilot.state is State.RUNNING and pilot.goal is not Goal.RESTART
            assert job.status == (RUNNING if runs else IDLE), f"{job.key} is {job.status}: {pilot}"
            old = pilot.attempt and pilot.attempt.stamp in self.before_hold.get(job.key, ())
            if pilot.stage in AT_SITE and old:
                assert pilot.goal is not Goal.RUN, f"{job.key} was released, and its old attempt goes on"

    # How

    async def _made(self, url: str) -> DoorBench:
        return DoorBench(url, self.closing.enter_context(quick_folder()), routes=ROUTES, window=4)

    def _act(self, action: str, which: int) -> None:
        if action == "lost":
            lost()
        if action == "killed":
            raise Killed
        sent = self._sent(which)
        if "hold" in action:
            self._note_attempts(sent)
            self.factory.hold(sent)
        if "release" in action:
            self.factory.release(sent)
        if action in {"remove", "forget"}:
            self.factory.remove(sent, force=action == "forget")

    def _note_attempts(self, sent: Sent) -> None:
        job = self.schedd.by_key(sent.key)
        pilot = self._by_key().get(sent.key)
        if job and pilot and job.status in ALIVE and sent.at in {At.IDLE, At.RUNNING}:
            self.before_hold[sent.key] = set(self._stamps(pilot))

    def _sent(self, which: int) -> Sent:
        """One that the factory still looks at, if there is any."""
        there = self.factory.present or self.factory.sent
        return there[which % len(there)]

    def _pilots(self) -> list[Pilot]:
        """As they are written down, oldest first."""
        with self.reader.connect() as connection:
            return [pilot_of(row) for row in connection.execute(PILOTS_OF_DOOR)]

    def _releases(self) -> dict[int, int]:
        """How often each pilot was released for its factory."""
        with self.reader.connect() as connection:
            return {pilot_id: number for pilot_id, number in connection.execute(RELEASES)}

    def _by_key(self) -> dict[str, Pilot]:
        return {str(pilot.door_key): pilot for pilot in self._pilots()}

    def _stamps(self, pilot: Pilot) -> list[str]:
        return self.truth.pilots()[pilot.id].stamps

    def _alive_of(self, pilot: Pilot | None) -> list[Job]:
        if pilot is None:
            return []
        return [job for stamp in self._stamps(pilot) for job in self.site.batch.of(stamp) if job.alive]

    def _work(self, after: float, events: list[Event]) -> None:
        self._look()
        super()._work(after, events)
        self._look()
        self.factory.poll()

    def _happen(self, stamp: str, event: Event) -> None:
        if event in {"finish", "fail"}:
            self.site.finish(stamp, 3 * (event == "fail"), stdout=stamp.encode())
        elif event != "start":  # which it did
            super()._happen(stamp, event)

    def _calm(self) -> None:
        self.schedd.plans.clear()
        super()._calm()
        for _ in range(20):
            self.factory.poll()
            for sent in self.factory.present:
                if sent.at is At.HELD:
                    self.factory.remove(sent)
            if not self.factory.present:
                break
            self._work(301, ["finish"])
        for sent in self.factory.sent:
            ended = sent.at in {At.FORGOTTEN, At.DISAPPEARED} or sent.outputs is not None
            assert ended, f"{sent.key} never came home: {sent}"
        self._check_that_nothing_is_left()

    def _check_that_nothing_is_left(self) -> None:
        """What the factory forgot without a word goes by age."""
        for _ in itertools.repeat(None, 12):
            if not self.schedd.jobs and not any(pilot.door_open for pilot in self._pilots()):
                break
            self.pass_time(10_000)
            self._work(61, ["finish"])
        assert not self.schedd.jobs, f"left in the queue: {self.schedd.jobs}"
        assert not self._alive(), "batch jobs whose jobs are gone from the queue are still alive"
        for pilot in self._pilots():
            assert not pilot.door_open, f"its job is gone: {pilot}"
            assert pilot.state in FINAL, f"its job is gone: {pilot}"

    # No rules here: requests on their way are for the engine's own machine, the others are a part of `work`.

    def restart(self) -> None:
        super().restart()

    def happen(self, which: int, event: Event) -> None:
        super().happen(which, event)

    def step(self, worker: int) -> None:
        super().step(worker)

    def plan_trouble(self, data: st.DataObject) -> None:
        super().plan_trouble(data)

    def answer(self, fault: None) -> None:
        """Nothing is on its way."""

    def end_the_listing(self, fault: None) -> None:
        """Nothing is on its way."""

    begin = add = remove = hold = release = hold_a_submission = hold_a_listing = None  # type: ignore[assignment]
    change_accounting = lose_contact = end_what_is_on_its_way = None  # type: ignore[assignment]
