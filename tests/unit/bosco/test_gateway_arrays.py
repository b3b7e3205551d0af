"""What a gateway says of pilots that were submitted as one array: by the answer, and by its record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tools import Tools

from bosco.batch.model import BatchRequest
from bosco.batch.slurm.codec import Slurm
from bosco.batch.stamps import sibling
from bosco.dialer import Dialer
from bosco.dials import local_dial
from bosco.errors import Failed, Refusal
from bosco.gateway import Gateway

STAMPS = [sibling("haaabbbbcccc", index) for index in (0, 7)]
REQUESTS = [BatchRequest(stamp, "/bin/true", (), walltime_s=3600) for stamp in STAMPS]


@pytest.fixture
async def gateway(clean_loop: None, spool: Path, tools: Tools) -> AsyncIterator[Gateway]:
    """To a cluster that takes arrays."""
    dialer = Dialer([local_dial(spool=str(spool), environment=tools.environment())])
    made = Gateway(dialer, Slurm(arrays=True))
    yield made
    await made.close()


async def no_contents(sha256: str) -> bytes:
    raise AssertionError(f"{sha256} is not asked for")


async def test_what_is_refused_for_good_to_many_is_a_limit_for_each_also_when_the_answer_is_lost(
    gateway: Gateway, tools: Tools
) -> None:
    said = "sbatch: error: Batch job submission failed: Invalid partition name specified (nothere)"
    tools.add("sbatch", f"echo '{said}' >&2; exit 1")
    answers = await gateway.submit_together(REQUESTS, no_contents)
    ledgers = await gateway.evidence(STAMPS)
    for stamp in STAMPS:
        for no in (answers[stamp], ledgers[stamp].refused):
            assert isinstance(no, Failed)
            assert (no.refusal, no.to_many) == (Refusal.LIMIT, Refusal.PERMANENT)
            assert "nothere" in str(no)


async def test_each_has_its_own_id_in_its_ledger(gateway: Gateway, tools: Tools) -> None:
    tools.add("sbatch", "echo 42")
    answers = await gateway.submit_together(REQUESTS, no_contents)
    assert answers == {STAMPS[0]: "42_0", STAMPS[1]: "42_7"}
    assert {s: found.batch_id for s, found in (await gateway.evidence(STAMPS)).items()} == answers
