"""Slurm, where pilots share job arrays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bosco.batch.model import Phase
from bosco.batch.stamps import family_of, index_of
from bosco.errors import Failed, Refusal
from tests.conformance import jobs
from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.slurm import OPTIONS, SlurmArraysBench
from tests.conformance.cases import Conformance, Customer
from tests.e2e.lab import requirements
from tests.e2e.lab.site import Lab, running_lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def own_lab() -> Iterator[Lab]:
    """A small cluster that soon forgets."""
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    with running_lab(OPTIONS) as lab:
        yield lab


class TestSlurmArrays(Conformance):
    """By a key that starts the agent installed there and nothing else."""

    @pytest.fixture
    def bench(self, own_lab: Lab) -> Bench:
        """By a login. What takes a minute, and has nothing to do with arrays, was shown of single jobs."""
        dial = linked.over_ssh(own_lab.sshd, own_lab.owner, confined=True)
        return SlurmArraysBench(own_lab, dial, Ability.WALLTIME, Ability.OUTAGE)

    async def test_each_task_has_its_own_pilot_and_one_is_cancelled_by_itself(self, its: Customer) -> None:
        asked = [("exit", str(code)) for code in (3, 4)] + [("sleep", "600")] * 2
        three, four, first, second = await asyncio.gather(*(its.submit(*words) for words in asked))
        arrays = {batch_id.partition("_")[0] for _, batch_id in (three, four, first, second)}
        assert len(arrays) == 1
        for request, batch_id in (three, four, first, second):
            assert batch_id.partition("_")[2] == str(index_of(request.stamp))
        for job, code in ((three, 3), (four, 4)):
            assert (await its.becomes(job, Phase.ENDED)).exit_code == code
            assert (await its.record(job[0])).batch_id == job[1]
        await its.becomes(first, Phase.RUNNING)
        await its.site.cancel([first[1]])
        await its.becomes(first, Phase.ENDED)
        await its.becomes(second, Phase.RUNNING)

    async def test_the_scheduler_writes_about_each_in_its_own_folder(self, its: Customer) -> None:
        job, other = await asyncio.gather(its.running("sleep", "600"), its.running("sleep", "600"))
        await its.site.cancel([job[1]])
        await its.becomes(job, Phase.ENDED)
        written = (await its.site.output(job[0].stamp, "scheduler.log", 4000)).data
        assert b"CANCELLED" in written
        assert (await its.site.output(other[0].stamp, "scheduler.log", 4000)).data == b""

    async def test_who_was_claimed_before_is_not_in_the_next_array(self, its: Customer) -> None:
        """A lost answer: some of these stamps are sent again, others for the first time."""
        before = await asyncio.gather(*(its.submit("sleep", "600") for _ in range(3)))
        new = [jobs.request(its.bench, "sleep", "600") for _ in range(2)]
        again = [request for request, _ in before]
        found = await its.site.submit_together([new[0], *again, new[1]], jobs.contents)
        assert {stamp: found[stamp] for stamp in (one.stamp for one in again)} == {
            request.stamp: batch_id for request, batch_id in before
        }
        its.ids += [str(found[request.stamp]) for request in new]
        listing = await its.site.listing()
        stamps = [
            seen.stamp for seen in listing.observations if family_of(seen.stamp) == family_of(new[0].stamp)
        ]
        assert len(stamps) == len(set(stamps))
        assert {request.stamp for request in (*again, *new)} <= set(stamps)

    async def test_a_queue_that_is_not_there_is_refused_for_good(self, its: Customer) -> None:
        """What is said to an array is a limit; the engine asks for one alone then, as a plain job."""
        with pytest.raises(Failed, match="partition") as refused:
            await its.submit("exit", "0", queue="nosuchqueue")
        assert refused.value.refusal is Refusal.LIMIT

    async def test_a_listing_without_the_setting_knows_tasks_as_well(
        self, its: Customer, bench: Bench
    ) -> None:
        """It may be taken out of the site file while there are arrays."""
        await its.running("sleep", "600", cpus=its.bench.cpus)
        waiting = await asyncio.gather(*(its.submit("exit", "0", cpus=its.bench.cpus) for _ in range(5)))
        assert isinstance(bench, SlurmArraysBench)
        async with bench.plainly() as site:
            listing = await site.listing()
        assert listing.complete, listing.problem
        seen = {job.stamp: job.batch_id for job in listing.observations}
        assert {request.stamp: seen.get(request.stamp) for request, _ in waiting} == {
            request.stamp: batch_id for request, batch_id in waiting
        }
