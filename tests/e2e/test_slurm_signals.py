"""What a real scancel says when two come to the same jobs at once."""

from __future__ import annotations

import asyncio

import pytest

from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.gateway import Gateway
from tests.conformance.benches import linked
from tests.e2e.lab.site import Lab

pytestmark = pytest.mark.e2e
ROUNDS = 3
JOBS = 12
AT_ONCE = 3
ENDS_WHEN_TOLD = b"#!/bin/sh\ntrap 'exit 0' TERM\nsleep 300 &\nwait\n"


async def test_jobs_that_end_while_others_signal_them_are_no_trouble(lab: Lab) -> None:
    """Of 36 scancels like these, 19 ended with exit code 229: SILENTLY_GONE."""
    gateway = Gateway(Dialer([linked.over_ssh(lab.sshd, lab.owner)]), Slurm())
    try:
        for number in range(ROUNDS):
            ids = [ended_when_told(lab, f"signals-{number}-{job}") for job in range(JOBS)]
            await asyncio.to_thread(lambda ids=ids: [lab.slurm.wait_for_state(job, "RUNNING") for job in ids])
            await asyncio.gather(*(gateway.cancel(ids, gentle=True) for _ in range(AT_ONCE)))
            await asyncio.gather(*(gateway.cancel(ids) for _ in range(AT_ONCE)))
    finally:
        await gateway.close()


def ended_when_told(lab: Lab, name: str) -> str:
    """The id of a job like that."""
    sbatch = ["sbatch", "--parsable", "--output=/dev/null", f"--job-name={name}"]
    done = lab.run_as_account(sbatch, input=ENDS_WHEN_TOLD)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()
