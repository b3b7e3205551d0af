"""Credentials: private at the site, and renewed there while their pilot runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import COMPLETED, RUNNING, Way, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
READS = """
cat pool.idtoken
for second in $(seq 150); do
    grep -q second pool.idtoken && break
    sleep 1
done
cat pool.idtoken
stat --format=%a pool.idtoken
"""


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "credentials.lab.test") as way:
        yield way


def test_a_credential_that_is_renewed_in_the_spool_reaches_the_running_pilot(way: Way) -> None:
    entry = way.entry("Renewed")
    [job] = way.send(READS, entry=entry, inputs={"pool.idtoken": b"first\n"})
    way.wait_job(job, RUNNING)
    at_ce = way.at_ce(job)
    assert at_ce is not None
    account = way.door.account
    new = account.write(Path(at_ce["Iwd"]) / "new", b"second\n")
    new.replace(Path(at_ce["Iwd"]) / "pool.idtoken")  # as the schedd does it

    assert way.wait_job(job, COMPLETED, seconds=200)["ExitCode"] == 0
    assert way.factory.outputs(job, entry)[0] == b"first\nsecond\n600\n"
    history = way.ce.show(way.wait_pilot(job, "completed")["id"])["history"]
    assert [event["data"]["files"] for event in history if event["what"] == "credentials_renewed"] == [
        ["pool.idtoken"]
    ]
