"""A Slurm whose slurmctld limits the rate of requests (26.05), where pilots share job arrays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from bosco.batch.arrays import array_of
from bosco.batch.model import Phase
from tests.conformance import jobs
from tests.conformance.bench import Ability, Bench
from tests.conformance.benches import linked
from tests.conformance.benches.slurm import OPTIONS, SlurmArraysBench
from tests.conformance.cases import Customer
from tests.e2e.lab import requirements
from tests.e2e.lab.site import Lab, running_lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]  # its Slurm is built once for a machine
MANY = 60
"""More than slurmctld takes at once."""


@pytest.fixture(scope="module")
def own_lab() -> Iterator[Lab]:
    """With Slurm's own limit."""
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    with running_lab(replace(OPTIONS, rate_limited=True, accounting=False, min_job_age=300)) as lab:
        yield lab


@pytest.fixture
async def its(own_lab: Lab) -> AsyncIterator[Customer]:
    """A customer with a link of its own."""
    dial = linked.over_ssh(own_lab.sshd, own_lab.owner, confined=True)
    bench: Bench = SlurmArraysBench(own_lab, dial, Ability.ACCOUNTING)
    async with bench.connect() as site:
        customer = Customer(bench, site)
        yield customer
        await site.cancel(sorted({batch_id.partition("_")[0] for batch_id in customer.ids}))  # whole arrays


async def test_a_probe_tells_that_requests_are_limited(its: Customer) -> None:
    batch = (await its.site.probe()).batch
    assert (batch.rate_limited, batch.largest_array) == (True, 1001)


async def test_many_go_in_with_one_request_and_each_is_a_job_of_its_own(its: Customer) -> None:
    first = [its.submit("exit", str(code)) for code in (3, 4)]
    sent = await asyncio.gather(*first, *(its.submit("sleep", "600") for _ in range(MANY - 2)))
    assert len({batch_id.partition("_")[0] for _, batch_id in sent}) == 1
    listing = await its.site.listing()
    assert listing.complete, listing.problem
    seen = {job.stamp: job.batch_id for job in listing.observations}
    assert {request.stamp: seen.get(request.stamp) for request, _ in sent} == {
        request.stamp: batch_id for request, batch_id in sent
    }
    for job, code in zip(sent, (3, 4), strict=False):
        assert (await its.record(job[0])).exit_code == code
        assert (await its.becomes(job, Phase.ENDED)).exit_code == code, "as squeue prints it"
    runs, waits = sent[2], sent[-1]
    await its.becomes(runs, Phase.RUNNING)
    await its.site.cancel([runs[1], waits[1]])
    await its.becomes(runs, Phase.ENDED)
    assert await jobs.look(its.site, waits) is None, "nothing tells of it any more"
    assert array_of(waits[1]) in (await its.site.listing()).arrays, "but its array is there"
