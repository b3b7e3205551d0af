"""What every batch system must do through our hands: one suite, run against each of them.

A module `test_<system>.py` beside this one brings the fixture `bench` and a class that inherits from
`Conformance`. Every test submits jobs of its own and leaves none.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bosco.batch.facts import Records
from bosco.batch.model import BatchRequest, Cause, JobRecord, Observation, Phase
from bosco.batch.wrapper import PROLOGUE_FAILED, WRAPPER_FAILED
from bosco.errors import BoscoError, Failed, Interrupted, NotRun, Refusal
from hosted_ce.engine.ports import Site
from tests.conformance import jobs
from tests.conformance.bench import Ability, Bench

MOST_PROBE_COMMANDS = 7
"""With that for quotas. A probe is cheap."""
PAUSES_TO_BEGIN = 5
"""After so many a pilot has begun that nobody can see beginning, and is at its work."""
PAUSES_TO_LISTEN = 12
"""After so many it heeds signals."""
AWKWARD = [
    "", " ", "two  words ", "it's", '"quoted"', "$HOME `id` $(id)", "back\\slash\\", "a;b|c&d>e<f",
    "*?[x]{a,b}~", "line\nbreak", "carriage\r\nreturn", "tab\there", "#SBATCH --hold", "#$ -h", "#PBS -h",
    "#BSUB -H", "%j %s", "!history", "dömén", "=x", "-n", "\x1f", "\udce9 not UTF-8",
]  # fmt: skip


@dataclass
class Customer:
    """One test's use of the cluster: what it submitted is cancelled at its end."""

    bench: Bench
    site: Site
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        jobs.new_family()  # or the last of a family would not share an array with those after it

    async def submit(self, *arguments: str, **more: Any) -> jobs.Job:
        """A new job."""
        request = jobs.request(self.bench, *arguments, **more)
        batch_id = await jobs.submit(self.site, request)
        self.ids.append(batch_id)
        return request, batch_id

    async def becomes(self, job: jobs.Job, phase: Phase, seconds: float = jobs.PATIENCE_S) -> Observation:
        """The job in this phase."""
        return await jobs.becomes(self.bench, self.site, job, phase, seconds)

    async def running(self, *arguments: str, **more: Any) -> jobs.Job:
        """A job that runs, and whose pilot has begun."""
        job = await self.submit(*arguments, **more)
        await self.becomes(job, Phase.RUNNING)
        if Ability.RECORDS not in self.bench.abilities:
            for _ in range(PAUSES_TO_BEGIN):
                await self.bench.pause()
            return job
        while not (await self._told(job[0])).started_at:
            await self.bench.pause()
        return job

    async def listening(self, request: BatchRequest) -> None:
        """A job that heeds signals has said so; where nobody sees what it says before its end, a while."""
        for _ in range(PAUSES_TO_LISTEN):
            if (await self.site.output(request.stamp, "stdout", 100)).data:
                return
            await self.bench.pause()

    async def record(self, request: BatchRequest) -> JobRecord:
        """What the job wrote down of its end, as soon as it is there."""
        for _ in range(200):
            if (found := await self._told(request)).ended:
                return found
            await self.bench.pause()
        raise AssertionError("the job wrote no record of its end")

    async def _told(self, request: BatchRequest) -> JobRecord:
        """What the job wrote down. Without a shared home, a listing may be what brings it home."""
        await self.site.listing()
        return (await self.site.evidence([request.stamp]))[request.stamp].job

    def needs(self, *abilities: Ability) -> None:
        """Skips the test where the cluster cannot show this."""
        if lacking := set(abilities) - set(self.bench.abilities):
            pytest.skip(f"{self.bench.system} here: not so that {', '.join(sorted(lacking))}")


class Conformance:
    """The suite."""

    @pytest.fixture
    async def its(self, bench: Bench) -> AsyncIterator[Customer]:
        """A customer with a link of its own."""
        async with bench.connect() as site:
            customer = Customer(bench, site)
            yield customer
            await site.cancel(customer.ids)

    @pytest.mark.parametrize("code", [0, 3])
    async def test_a_job_is_listed_from_its_submission_to_its_end(self, its: Customer, code: int) -> None:
        request, batch_id = job = await its.submit("exit", str(code))
        assert await jobs.look(its.site, job), "found again by its stamp"
        ended = await its.becomes(job, Phase.ENDED)
        assert (ended.cause, ended.exit_code, ended.exit_signal) == (Cause.EXITED, code, None)
        assert ended.submitted_at is not None
        assert ended.started_at is not None
        assert ended.ended_at is not None
        assert ended.submitted_at - 1 <= ended.started_at <= ended.ended_at
        assert ended.node
        assert (await its.record(request)).exit_code == code
        outputs = [(await its.site.output(request.stamp, name, 1000)).data for name in ("stdout", "stderr")]
        assert outputs == [b"said\n", b"whispered\n"]
        evidence = (await its.site.evidence([request.stamp]))[request.stamp]
        assert evidence.batch_id == batch_id

    @pytest.mark.parametrize("code", [99, 100])
    async def test_no_exit_code_of_a_pilot_is_an_order_to_the_batch_system(
        self, its: Customer, code: int
    ) -> None:
        """99 and 100 are, to Grid Engine."""
        request, _ = job = await its.submit("exit", str(code))
        ended = await its.becomes(job, Phase.ENDED)
        assert ended.cause is Cause.EXITED
        assert ended.exit_code
        assert (await its.record(request)).exit_code == code

    async def test_the_job_itself_knows_its_id(self, its: Customer) -> None:
        its.needs(Ability.RECORDS)
        request, batch_id = await its.running("sleep", "600")
        record = (await its.site.evidence([request.stamp]))[request.stamp].job
        assert record.batch_id == batch_id
        assert record.node

    async def test_a_running_job_says_where_and_with_what(self, its: Customer) -> None:
        seen = await its.becomes(await its.submit("sleep", "600"), Phase.RUNNING)
        assert seen.node
        assert seen.started_at
        assert (seen.ended_at, seen.exit_code, seen.cause) == (None, None, None)
        assert seen.site_state

    async def test_a_stamp_that_is_submitted_again_is_the_same_job(self, its: Customer) -> None:
        request, batch_id = await its.submit("sleep", "600")
        assert await jobs.submit(its.site, request) == batch_id
        listing = await its.site.listing()
        assert [seen.batch_id for seen in listing.observations if seen.stamp == request.stamp] == [batch_id]

    async def test_a_job_that_waits_has_not_begun(self, its: Customer) -> None:
        await its.running("sleep", "600", cpus=its.bench.cpus)
        seen = await its.becomes(await its.submit("sleep", "600", cpus=its.bench.cpus), Phase.PENDING)
        assert (seen.node, seen.started_at, seen.ended_at, seen.granted) == (None, None, None, None)

    async def test_a_job_runs_on_no_node_that_it_leaves_out(self, its: Customer) -> None:
        its.needs(Ability.LEFT_OUT)
        node = (await its.becomes(await its.submit("exit", "0"), Phase.ENDED)).node
        assert node
        kept_off = await its.submit("exit", "0", left_out=(node,))
        others = await its.submit("exit", "0", left_out=(its.bench.other_node,))
        await its.becomes(others, Phase.ENDED)
        seen = await jobs.look(its.site, kept_off)
        assert seen
        assert (seen.phase, seen.node) == (Phase.PENDING, None)

    async def test_a_job_runs_on_the_node_that_it_asks_for(self, its: Customer) -> None:
        its.needs(Ability.PINNED)
        node = (await its.becomes(await its.submit("exit", "0"), Phase.ENDED)).node
        assert node
        elsewhere = None
        with contextlib.suppress(Failed):  # what knows no such node may say so at once
            elsewhere = await its.submit("exit", "0", node=its.bench.other_node)
        here = await its.submit("exit", "0", node=node)
        assert (await its.becomes(here, Phase.ENDED)).node == node
        if elsewhere:
            seen = await jobs.look(its.site, elsewhere)
            assert seen
            assert (seen.phase, seen.node) == (Phase.PENDING, None)

    async def test_held_and_released_by_the_administrator(self, its: Customer) -> None:
        its.needs(Ability.HOLD)
        first = await its.running("sleep", "600", cpus=its.bench.cpus)
        job = await its.submit("exit", "0", cpus=its.bench.cpus)
        await its.becomes(job, Phase.PENDING)
        its.bench.hold(job[1])
        held = await its.becomes(job, Phase.HELD)
        assert (held.node, held.started_at) == (None, None)
        its.bench.release(job[1])
        await its.becomes(job, Phase.PENDING)
        await its.site.cancel([first[1]])
        assert (await its.becomes(job, Phase.ENDED)).exit_code == 0

    async def test_a_held_job_is_cancelled(self, its: Customer) -> None:
        its.needs(Ability.HOLD)
        await its.running("sleep", "600", cpus=its.bench.cpus)
        job = await its.submit("exit", "0", cpus=its.bench.cpus)
        await its.becomes(job, Phase.PENDING)
        its.bench.hold(job[1])
        await its.becomes(job, Phase.HELD)
        await its.site.cancel([job[1]])
        await self._is_gone_or_cancelled(its, job)

    async def test_cancelled_twice(self, its: Customer) -> None:
        job = await its.running("sleep", "600")
        await its.site.cancel([job[1]])
        await its.site.cancel([job[1]])
        ended = await its.becomes(job, Phase.ENDED)
        if ended.cause is not Cause.CANCELLED:  # it was told first, and ended by that
            assert (ended.cause, ended.exit_code) == (Cause.EXITED, 128 + signal.SIGTERM)
        await its.site.cancel([job[1]])

    async def test_waiting_jobs_are_cancelled_with_the_running_ones_and_unknown_ones_do_not_matter(
        self, its: Customer
    ) -> None:
        running = await its.running("sleep", "600", cpus=its.bench.cpus)
        waiting = await its.submit("sleep", "600", cpus=its.bench.cpus)
        gone = await its.submit("exit", "0", cpus=its.bench.cpus)
        await its.site.cancel([running[1], waiting[1]])
        await self._is_gone_or_cancelled(its, waiting)
        await its.becomes(gone, Phase.ENDED)
        await its.site.cancel([gone[1], waiting[1], running[1]])

    async def test_a_running_job_is_asked_to_end_in_order(self, its: Customer) -> None:
        its.needs(Ability.GENTLE)
        job = await its.running("heed")
        await its.listening(job[0])
        await its.site.cancel([job[1]], gentle=True)
        record = await its.record(job[0])
        assert record.exit_code == 7
        assert (await its.site.output(job[0].stamp, "stdout", 100)).data.endswith(b"heeded\n")
        ended = await its.becomes(job, Phase.ENDED)
        assert ended.cause in {Cause.EXITED, Cause.CANCELLED}

    async def test_ended_at_its_walltime(self, its: Customer) -> None:
        its.needs(Ability.WALLTIME)
        job = await its.submit("sleep", "600", walltime_s=its.bench.least_walltime_s)
        ended = await its.becomes(job, Phase.ENDED, its.bench.least_walltime_s + 90)
        assert ended.cause is Cause.WALLTIME
        assert ended.started_at is not None
        assert ended.ended_at is not None
        assert ended.ended_at - ended.started_at >= its.bench.least_walltime_s - 2

    async def test_ended_for_its_memory(self, its: Customer) -> None:
        its.needs(Ability.MEMORY)
        job = await its.submit("hog", "600", memory_mb=100)
        assert (await its.becomes(job, Phase.ENDED)).cause is Cause.MEMORY

    async def test_after_the_listing_has_forgotten_it_there_is_evidence_of_its_end(
        self, its: Customer
    ) -> None:
        request, batch_id = job = await its.submit("exit", "5")
        assert (await its.record(request)).exit_code == 5
        waited = 0.0
        while request.stamp in {seen.stamp for seen in (await its.site.listing()).observations}:
            assert waited <= its.bench.lists_ended_s + jobs.PATIENCE_S
            waited += await its.bench.pause()
        records = await its.site.accounting(0.0, batch_ids=[batch_id])
        if Ability.ACCOUNTING not in its.bench.abilities:
            assert (records.observations, records.complete) == ((), True)
            assert records.problem
            return
        ended = await its.becomes(job, Phase.ENDED)
        by_stamp = await its.site.accounting(0.0, stamps=[request.stamp])
        assert [replace(seen, used=None) for seen in by_stamp.observations] == [replace(ended, used=None)]
        assert (ended.exit_code, ended.cause) == (5, Cause.EXITED)

    async def test_hundreds_of_jobs_in_one_listing(self, its: Customer) -> None:
        """Only one of them runs at a time."""
        its.needs(Ability.CROWD)
        room = asyncio.Semaphore(8)

        async def one() -> str:
            async with room:
                return (await its.submit("sleep", "600", cpus=its.bench.cpus))[0].stamp

        stamps = await asyncio.gather(*(one() for _ in range(its.bench.crowd)))
        listing = await its.site.listing()
        assert listing.complete, listing.problem
        seen = Counter(found.stamp for found in listing.observations)
        assert {stamp: seen[stamp] for stamp in stamps} == dict.fromkeys(stamps, 1)
        phases = Counter(found.phase for found in listing.observations if found.stamp in set(stamps))
        assert phases.keys() <= {Phase.PENDING, Phase.RUNNING}
        await its.site.cancel(its.ids)
        await self._all_gone(its, stamps)

    async def test_SL21_awkward_arguments_and_variables_arrive_unchanged(self, its: Customer) -> None:
        its.needs(Ability.PROGRAMS)
        everything = "".join(AWKWARD)
        request, _ = await its.submit("tell", *AWKWARD, environment={"AWKWARD": everything})
        assert (await its.record(request)).exit_code == 0
        told = (await its.site.output(request.stamp, "stdout", 10_000)).data
        expected = [*AWKWARD, everything]
        assert told.decode("utf-8", "surrogateescape").split("\0") == [*expected, ""]

    async def test_a_prologue_prepares_what_the_pilot_finds(self, its: Customer) -> None:
        its.needs(Ability.PROGRAMS)
        text = 'AWKWARD="$GIVEN, it\'s"\nexport AWKWARD\necho preparing\ncd /\n'
        request, _ = await its.submit("tell", environment={"GIVEN": "#$ -h"}, prologue=text)
        assert (await its.record(request)).exit_code == 0
        outputs = [(await its.site.output(request.stamp, name, 1000)).data for name in ("stdout", "stderr")]
        assert outputs == [b"#$ -h, it's\0", b"preparing\n"]

    async def test_a_pilot_whose_prologue_fails_never_begins_and_the_job_says_so(self, its: Customer) -> None:
        its.needs(Ability.PROGRAMS)
        request, _ = job = await its.submit("tell", prologue="echo in vain\nfalse\n")
        record = await its.record(request)
        assert (record.exit_code, (record.error or "").startswith(PROLOGUE_FAILED)) == (WRAPPER_FAILED, True)
        assert record.started_at, "whoever looks at the site knows that the job has run"
        assert (await its.site.output(request.stamp, "stdout", 1000)).data == b""
        assert await its.becomes(job, Phase.ENDED)

    async def test_a_queue_that_is_not_there_is_refused_for_good(self, its: Customer) -> None:
        its.needs(Ability.REFUSAL)
        with pytest.raises(Failed) as refused:
            await its.submit("exit", "0", queue="nosuchqueue")
        assert refused.value.refusal is Refusal.PERMANENT
        assert "nosuchqueue" in str(refused.value) or "queue" in str(refused.value).lower()

    async def test_a_probe_says_what_it_is_and_submits_nothing(self, its: Customer) -> None:
        before = {seen.stamp for seen in (await its.site.listing()).observations}
        found = await its.site.probe()
        assert {seen.stamp for seen in (await its.site.listing()).observations} <= before
        assert found.codec in {its.bench.system, "slurm"}
        assert found.batch.version
        assert found.batch.problems == ()
        assert None not in found.login.tools.values()
        assert found.commands <= MOST_PROBE_COMMANDS
        reasons = found.batch.unknown
        assert found.batch.queues is not None or reasons["queues"]
        name = its.bench.queue or found.batch.default_queue
        for queue in found.batch.queues or ():
            if name in (None, queue.name):
                assert (queue.open, queue.usable) == (True, True)
        kept = Ability.ACCOUNTING in its.bench.abilities
        assert found.batch.records is not (Records.OFF if kept else Records.ON)
        assert found.batch.records is Records.ON or reasons["records"]

    async def test_a_probe_while_the_batch_system_is_away_knows_nothing_and_says_why(
        self, its: Customer
    ) -> None:
        its.needs(Ability.OUTAGE)
        its.bench.stop()
        try:
            found = await its.site.probe()
        finally:
            its.bench.start()
        assert (found.batch.queues, found.batch.problems) == (None, ())
        assert found.batch.unknown["queues"]
        if Ability.ACCOUNTING in its.bench.abilities:
            assert found.batch.records is not Records.OFF, "what is away is not off"

    async def test_while_the_batch_system_is_away_nothing_is_gone_and_nothing_is_sure(
        self, its: Customer
    ) -> None:
        its.needs(Ability.OUTAGE)
        request, batch_id = job = await its.running("sleep", "600")
        its.bench.stop()
        try:
            listing = await its.site.listing()
            assert (listing.observations, listing.complete) == ((), False)
            assert listing.problem
            with pytest.raises((Failed, Interrupted)) as unsure:
                await its.submit("exit", "0")
            assert not isinstance(unsure.value, Failed) or unsure.value.refusal is Refusal.TRANSIENT
            with pytest.raises(BoscoError) as away:
                await its.site.cancel([batch_id])
            assert not isinstance(away.value, NotRun)
        finally:
            its.bench.start()
        assert (await its.becomes(job, Phase.RUNNING)).stamp == request.stamp

    async def _is_gone_or_cancelled(self, its: Customer, job: jobs.Job) -> None:
        """Some batch systems keep no record of a job that was cancelled before it began."""

        def over(seen: Observation | None) -> bool:
            return seen is None or seen.phase is Phase.ENDED

        seen = await jobs.until(its.bench, its.site, job, over)
        assert seen is None or (seen.cause, seen.started_at) == (Cause.CANCELLED, None)

    async def _all_gone(self, its: Customer, stamps: Sequence[str]) -> None:
        for _ in range(300):
            listing = await its.site.listing()
            alive = {seen.stamp for seen in listing.observations if seen.phase is not Phase.ENDED}
            if listing.complete and not alive & set(stamps):
                return
            await its.bench.pause()
        raise AssertionError("cancelled jobs stay alive")
