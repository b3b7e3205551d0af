"""A cluster in memory: what bosco.gateway.Gateway promises of a site, and every trouble that it may be in.

It implements hosted_ce.engine.ports.Site. A stamp is claimed once, as mkdir does it; the ledger keeps what
the submit command answered; jobs leave records of their start and end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from bosco.batch.arrays import array_of
from bosco.batch.model import BatchRequest, Cause, JobRecord, Listing, Observation
from bosco.capabilities import Capabilities
from bosco.errors import Failed, Interrupted, NotRun, OtherSpool, Refusal
from bosco.gateway import Evidence
from bosco.outputs import Output
from bosco.together import Outcome
from tests.fakes.batch import NODE, RECORDS, Accounting, Batch, Job
from tests.fakes.capabilities import BATCH, capabilities
from tests.fakes.faults import LOST, NO_JOB, NO_LEDGER, REFUSALS, Fault, Faults, after, before
from tests.fakes.spool import Folder, answer_of, evidence_of, revoked

Contents = Callable[[str], Awaitable[bytes]]

REQUEST_LIFE = 60.0
"""Seconds after which the agent no longer heeds a request to submit."""


@dataclass(frozen=True, slots=True)
class Late:
    """A request that is still on its way, though nobody waits for the answer."""

    stamp: str
    mark: str | None
    sent_at: float


def _arrays(jobs: Sequence[Observation]) -> frozenset[str]:
    return frozenset(filter(None, (array_of(job.batch_id) for job in jobs)))


class FakeCluster:
    """One account at one cluster, and (from `start` on) what happens there."""

    def __init__(self, clock: Callable[[], float]):
        self.clock = clock
        self.faults = Faults()
        self.batch = Batch(clock)
        self.accounting_is = Accounting.UP
        self.folders: dict[str, Folder] = {}
        self.files: dict[str, bytes] = {}
        self.exit_codes: dict[str, int] = {}
        """What jobs recorded of their end, also after their folders are gone."""
        self.never_began: set[str] = set()
        """Stamps whose jobs could not begin their pilots."""
        self.refused_for_good: set[str] = set()
        """Stamps that got a permanent no."""
        self.stuck: dict[str, str] = {}
        """Stamps whose folders cannot be removed, and why."""
        self.at_term: dict[str, tuple[int, bytes]] = {}
        """By stamp: exit code and standard output of pilots that do not simply exit with 0 at SIGTERM."""
        self.stale: float = 0.0
        """How old the next listings are, in seconds."""
        self.requests: list[BatchRequest] = []
        """All that were sent, whatever became of them."""
        self.cancelled: list[str] = []
        """Ids of jobs that were to be cancelled, once for each request."""
        self.gentle: list[str] = []
        """Those of them that got SIGTERM only."""
        self.late: list[Late] = []
        self.slow: list[tuple[str, Folder]] = []
        """Stamps whose submit command has not ended, though nobody waits for the answer."""
        self.under_way = self.most_under_way = 0
        self.marks: set[str] = set()
        """Stamps by which a CE knows this spool."""
        self.wiped: set[str] = set()
        """Stamps whose folders were removed by others."""
        self.expected: str | None = None
        self.probes = self.accounted = 0
        """How often it was probed, and asked for records."""
        self.reconnections = 0

    # What Gateway promises

    def expect(self, mark: str | None) -> None:
        """Nothing is done in a spool without this mark."""
        self.expected = mark

    async def mark(self, mark: str) -> None:
        """Claims the mark."""
        self._reachable()
        self.marks.add(mark)

    async def check_spool(self) -> None:
        """Raises OtherSpool."""
        self._reachable()
        if self.expected and self.expected not in self.marks:
            raise OtherSpool("the spool is not the one that we know")

    async def reconnect(self) -> None:
        """There is no link here."""
        self.reconnections += 1

    async def submit(self, request: BatchRequest, contents: Contents, *, mark: str | None = None) -> str:
        """Once in the life of the stamp. Raises NotRun, Failed, Interrupted."""
        fault = self.faults.next("submit")
        sent = Late(request.stamp, mark or self.expected, self.clock())
        await self.check_spool()
        for file in request.inputs:
            if file.sha256 not in self.files:
                self.files[file.sha256] = await contents(file.sha256)
        self.requests.append(request)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            fault = await self._arrive(sent, fault)
            folder = self._take(sent, fault)
            fault = await self.faults.stop("submit", replying=True, fault=fault)
        finally:
            self.under_way -= 1
        if fault in LOST:
            raise Interrupted("the answer was lost")
        after(fault)
        return answer_of(folder)

    def alike(self, request: BatchRequest) -> Hashable | None:
        """Nothing goes together here; see tests.fakes.arrays."""
        return None

    async def submit_together(
        self, requests: Sequence[BatchRequest], contents: Contents, *, mark: str | None = None
    ) -> Mapping[str, Outcome]:
        """Not here."""
        raise NotImplementedError

    async def listing(self) -> Listing:
        """As it is at the site when the request arrives; the reply may come later."""
        fault = await self.faults.stop("list", replying=False, fault=self.faults.next("list"))
        before(fault)
        seen = self.batch.listed(self.clock() - self.stale)
        fault = await self.faults.stop("list", replying=True, fault=fault)
        after(fault)
        match fault:
            case Fault.EMPTY:
                return Listing((), complete=True)
            case Fault.COMMAND_FAILED:
                return Listing((), complete=False, problem="squeue: Unable to contact slurm controller")
            case Fault.INCOMPLETE:
                return Listing(tuple(seen[::2]), complete=False, problem="squeue: the output was cut")
        return Listing(tuple(seen), complete=True, arrays=_arrays(seen))

    async def accounting(
        self, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Listing:
        """Complete means that the records answered."""
        fault = self.faults.next("account")
        self.accounted += 1
        before(fault)
        after(fault)
        if self.accounting_is is Accounting.DOWN or fault is Fault.COMMAND_FAILED:
            return Listing((), complete=False, problem="sacct: Connection refused")
        if self.accounting_is is Accounting.DISABLED:
            return Listing((), complete=True, problem="this site has no Slurm accounting")
        recorded = [seen for seen in self.batch.recorded() if (seen.submitted_at or 0) >= since]
        asked = [seen for seen in recorded if seen.stamp in stamps or seen.batch_id in batch_ids]
        return Listing(tuple(asked), complete=True, arrays=_arrays(recorded))

    async def evidence(self, stamps: Sequence[str]) -> dict[str, Evidence]:
        """What the spool knows."""
        fault = await self.faults.stop("evidence", replying=False, fault=self.faults.next("evidence"))
        before(fault)
        after(fault)
        await self.check_spool()
        return {stamp: evidence_of(self.folders.get(stamp)) for stamp in stamps}

    async def revoke(self, stamp: str, *, mark: str | None = None) -> bool:
        """Claims the stamp, so that no request can. False: it was claimed before."""
        fault = await self.faults.stop("revoke", replying=False, fault=self.faults.next("revoke"))
        before(fault)
        if stamp not in self.folders:
            self._refuse_elsewhere(mark or self.expected)
            self.folders[stamp] = Folder(answered=True, revoked=True, answer=revoked())
        after(fault)
        return self.folders[stamp].revoked

    async def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> None:
        """Asks to cancel. A pilot that heeds SIGTERM ends at once, as `at_term` says."""
        fault = self.faults.next("cancel")
        before(fault)
        self.cancelled += batch_ids
        self.gentle += batch_ids if gentle else []
        for batch_id in batch_ids:
            if not gentle:
                self.batch.cancel(batch_id)
            elif stamp := self.batch.heeding(batch_id):
                code, stdout = self.at_term.get(stamp, (0, b"out\n"))
                self.finish(stamp, code, stdout=stdout)
        after(fault)

    async def refresh(self, stamp: str, files: Mapping[str, str], contents: Contents) -> bool:
        """Replaces credentials. False: the stamp has no folder here. Raises as submit does."""
        fault = self.faults.next("refresh")
        before(fault)
        for sha256 in files.values():
            if sha256 not in self.files:
                self.files[sha256] = await contents(sha256)
        folder = self.folders.get(stamp)
        if folder and files.keys() - folder.credentials.keys():
            raise Failed("no credentials of this job", refusal=Refusal.PERMANENT)
        if folder:
            folder.credentials.update(files)
        after(fault)
        return folder is not None

    async def output(self, stamp: str, name: str, limit: int) -> Output:
        """Its last `limit` bytes."""
        fault = await self.faults.stop("fetch", replying=False, fault=self.faults.next("fetch"))
        before(fault)
        after(fault)
        folder = self.folders.get(stamp)
        if folder is None or name not in folder.outputs:
            return Output(b"", None)
        data = folder.outputs[name]
        return Output(data[-limit:], len(data))

    async def probe(self) -> Capabilities:
        """An ordinary site, with records as they are now."""
        fault = self.faults.next("probe")
        before(fault)
        after(fault)
        self._reachable()
        self.probes += 1
        said = {} if self.accounting_is is Accounting.UP else {"records": "sacct does not answer"}
        facts = replace(BATCH, records=RECORDS[self.accounting_is], unknown=said)
        return capabilities(facts)

    async def remove(self, stamps: Sequence[str]) -> dict[str, str]:
        """Removes folders; returns those that stayed, with the reason."""
        fault = self.faults.next("remove")
        before(fault)
        for stamp in stamps:
            if stamp not in self.stuck:
                self.folders.pop(stamp, None)
        after(fault)
        return {stamp: why for stamp, why in self.stuck.items() if stamp in stamps}

    # What happens at the site

    def deliver_late(self) -> None:
        """What was on its way or under way when the connection was lost comes to its end."""
        self.end_slow()
        late, self.late = self.late, []
        for request in late:
            with contextlib.suppress(NotRun):  # nobody hears of it
                self._take(request, None)

    def end_slow(self) -> None:
        """Submit commands that were under way end. Without its folder there is no ledger to be written."""
        for stamp, folder in self.slow:
            folder.answered, folder.answer = True, self.batch.submit(stamp)
        self.slow.clear()

    def job(self, stamp: str) -> Job:
        """The one batch job of this stamp."""
        (job,) = self.batch.of(stamp)
        return job

    def start(self, stamp: str) -> None:
        """The job begins to run, and records it."""
        job = self.job(stamp)
        self.batch.start(job)
        now = self.clock()
        if folder := self.folders.get(stamp):
            folder.record = JobRecord(started_at=now, node=NODE, batch_id=job.now.batch_id)
            folder.outputs = {"stdout": b"", "stderr": b""}

    def finish(self, stamp: str, code: int = 0, *, stdout: bytes = b"out\n", arrived: bool = True) -> None:
        """The pilot exits: the job records its end, and the batch system sees it.

        `arrived` False: its output is not at the login node yet.
        """
        self.leave_record(stamp, code, stdout=stdout, arrived=arrived)
        self.batch.end(self.job(stamp), Cause.EXITED, code=code)

    def leave_record(
        self, stamp: str, code: int = 0, *, stdout: bytes = b"out\n", arrived: bool = True
    ) -> None:
        """The job records its end; the batch system has not seen it yet."""
        folder = self.folders.get(stamp)
        if folder is None:  # it was swept: the job has nowhere to write
            return
        self.exit_codes[stamp] = code
        old = folder.record
        folder.record = JobRecord(
            started_at=old.started_at, node=old.node, batch_id=old.batch_id, ended_at=self.clock(),
            exit_code=code, sizes={"stdout": len(stdout), "stderr": 0}, user_cpu_s=12.5, system_cpu_s=0.5,
            peak_memory_mb=300,
        )  # fmt: skip
        if arrived:
            folder.outputs = {"stdout": stdout, "stderr": b""}

    def kill(self, stamp: str, cause: Cause, *, code: int | None = 0, signal: int | None = None) -> None:
        """The batch system ends the job, which records nothing."""
        self.batch.end(self.job(stamp), cause, code=code, signal=signal)

    def break_start(self, stamp: str) -> None:
        """The job's folder cannot be used on the node: the job ends without having begun the pilot."""
        self.never_began.add(stamp)
        self.batch.end(self.job(stamp), Cause.EXITED, code=15, signal=53)
        if folder := self.folders.get(stamp):
            folder.record = JobRecord()

    def vanish(self, stamp: str) -> None:
        """The batch system loses every memory of it, and it does not run any more."""
        self.job(stamp).gone_at = self.clock()

    def requeue(self, stamp: str) -> None:
        """The batch system puts a running job back to its queue."""
        self.batch.requeue(self.job(stamp))
        if folder := self.folders.get(stamp):  # its end is forgotten when it starts again
            old = folder.record
            folder.record = JobRecord(started_at=old.started_at, node=old.node, batch_id=old.batch_id)

    def duplicate(self, stamp: str) -> str:
        """What must never be: a second job of a stamp. Its id."""
        return self.batch.submit(stamp)

    def wipe(self) -> None:
        """An administrator empties the spool."""
        self.wiped |= self.folders.keys()
        self.folders.clear()
        self.files.clear()
        self.marks.clear()

    def _refuse_elsewhere(self, mark: str | None) -> None:
        """As the agent does, when a stamp is claimed."""
        if mark and mark not in self.marks:
            raise OtherSpool("the spool is not the one that the request is meant for")

    def _refuse_late(self, sent_at: float) -> None:
        if self.clock() > sent_at + REQUEST_LIFE:
            raise NotRun("it came too late")

    def _reachable(self) -> None:
        if self.faults.down:
            raise NotRun(self.faults.down)

    async def _arrive(self, sent: Late, fault: Fault | None) -> Fault | None:
        """The request's way to the site; what becomes of it there."""
        try:
            fault = await self.faults.stop("submit", replying=False, fault=fault)
        except asyncio.CancelledError:  # it was sent, whatever became of the sender
            self.late.append(sent)
            raise
        if fault is Fault.LATE_REQUEST:
            self.late.append(sent)
        before(fault)
        return fault

    def _take(self, sent: Late, fault: Fault | None) -> Folder:
        stamp = sent.stamp
        if stamp in self.folders:
            return self.folders[stamp]
        self._refuse_elsewhere(sent.mark)
        self._refuse_late(sent.sent_at)
        request = next(request for request in self.requests if request.stamp == stamp)
        known = {file.name: file.sha256 for file in request.inputs if file.name in request.credentials}
        folder = self.folders[stamp] = Folder(credentials=known)
        batch_id = None if fault in NO_JOB else self.batch.submit(stamp)
        if fault is Fault.SLOW:
            self.slow.append((stamp, folder))
        if fault in NO_LEDGER:
            return folder
        folder.answered = True
        if refusal := REFUSALS.get(fault) if fault else None:
            folder.answer = Failed(f"sbatch: error: {refusal.value}", refusal=refusal, exit_code=1)
            self.refused_for_good |= {stamp} if refusal is Refusal.PERMANENT else set()
        elif fault not in {Fault.UNCLEAR, Fault.UNCLEAR_YET_TAKEN}:
            folder.answer = batch_id
        return folder
