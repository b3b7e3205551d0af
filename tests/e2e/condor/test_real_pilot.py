"""A real pilot in a site's Slurm: it joins the pool, runs a researcher's job, and ends for want of work."""

from __future__ import annotations

import pytest

from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pool import Pool, start_pool
from tests.e2e.condor.real_pilot import real_pilot
from tests.e2e.lab.process import wait_until
from tests.e2e.lab.site import Lab

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def pool(condor_lab: CondorLab) -> Pool:
    return start_pool(condor_lab)


def test_pilot_joins_the_pool_runs_a_job_and_ends(lab: Lab, condor_lab: CondorLab, pool: Pool) -> None:
    output = pool.submit('#!/bin/sh\necho "$1 $(id -un)"\n', "$$(GLIDEIN_SiteWMS_JobId)")
    executable = real_pilot(condor_lab.root, pool.collector, pool.condor.identity.name)
    batch_job = _submit_pilot(lab, executable, pool.pilot_token())

    expected = f"{batch_job} {lab.account}\n"
    wait_until(
        lambda: output.exists() and output.read_text() == expected,
        f"a researcher's job on the pilot of batch job {batch_job}",
        seconds=60,
        every=0.3,
    )

    ended = lab.slurm.wait_for_state(batch_job, "COMPLETED", "FAILED", seconds=60)
    said = (lab.home / "pilot" / "stderr").read_text()
    assert ended.wait_status == "0", said
    assert "No resources have been claimed" in said


def _submit_pilot(lab: Lab, executable: bytes, token: str) -> str:
    start = lab.home / "pilot"
    start.mkdir(mode=0o700)
    lab.owner.own(start)
    lab.owner.write(start / "glidein_startup.sh", executable, 0o755)
    lab.owner.write(start / "credential.idtoken", token.encode())
    argv = ["sbatch", "--parsable", "--output=stdout", "--error=stderr", f"--chdir={start}"]
    script = b"#!/bin/bash\nexec ./glidein_startup.sh -v std\n"
    done = lab.run_as_account(argv, input=script)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()
