"""A pilot that is real: through factory, CE, SSH and Slurm it joins a pool and runs a researcher's job."""

from __future__ import annotations

import pytest

from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import COMPLETED, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pool import start_pool
from tests.e2e.condor.real_pilot import real_pilot
from tests.e2e.lab.process import wait_until
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_a_researchers_job_runs_on_a_pilot_that_came_all_the_way(
    lab: Lab, condor_lab: CondorLab, factory: Factory
) -> None:
    with running_way(lab, condor_lab, factory, "real.lab.test") as way:
        pool = start_pool(condor_lab, "pool.lab.test")
        output = pool.submit('#!/bin/sh\necho "$1 on $(id -un)"\n', "$$(GLIDEIN_SiteWMS_JobId)")
        executable = real_pilot(condor_lab.root, pool.collector, pool.condor.identity.name)
        entry = way.entry("Real", maxWallTime=10)
        inputs = {"credential_pool.idtoken": pool.pilot_token().encode()}
        [job] = factory.submit(entry, executable, inputs=inputs, scitoken=way.scitoken)

        wait_until(output.exists, "the researcher's job", seconds=120, every=0.3)
        ad = way.wait_job(job, COMPLETED, seconds=90)
        assert ad["ExitCode"] == 0, factory.outputs(job, entry)[1][-2000:]
        wait_until(output.read_text, "its output", seconds=60)
        assert output.read_text() == f"{ad['ChirpHostedCEBatchId']} on {lab.account}\n"
        out, err = factory.outputs(job, entry)
        assert b"=== Condor starting" in out
        assert b"=== Condor ended" in out
        assert b"No resources have been claimed" in err
        way.wait_gone(job)
