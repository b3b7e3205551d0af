"""The factory itself: what it sends arrives at a CE, and what the CE hands back comes home."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.condor.ce import PILOT_DOMAIN, start_minimal_ce
from tests.e2e.condor.factory import Factory, name
from tests.e2e.condor.instance import Condor
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry
from tests.e2e.lab.daemons import ENVIRONMENT
from tests.e2e.lab.ordinary import as_account
from tests.e2e.lab.process import wait_until

pytestmark = pytest.mark.e2e

_PROJECT = Path(__file__).parents[3]
_IDENTITY = f"vofrontend@{PILOT_DOMAIN}"  # no Unix account

_PILOT = r"""
echo "${@: -6}"
stat --format='%n %a' *.idtoken *.scitoken
cat credential_lab.scitoken
printf '\000\001\377\r\n' >&2
exit 7
"""


@pytest.fixture(scope="module")
def ce(condor_lab: CondorLab, factory: Factory) -> Condor:
    ce = start_minimal_ce(condor_lab)
    factory.condor.give_token("ce", ce.idtoken(_IDENTITY))
    return ce


@pytest.fixture
def entry(ce: Condor) -> Entry:
    return Entry(ce.identity.name, ce.identity.collector)


def test_pilot_arrives_is_run_and_comes_home(factory: Factory, ce: Condor, entry: Entry) -> None:
    inputs = {"credential_lab.idtoken": b"for the pool", "credential_lab.scitoken": bytes(range(256))}
    sent = factory.submit(entry, glidein_startup(_PILOT), "-param_LAB", "a.comma,b", count=2, inputs=inputs)
    arrived = _wait_for_arrival(ce, count=2)
    assert {ad["User"] for ad in arrived} == {_IDENTITY}

    assert sorted(_manage(ce)) == sorted(name(ad) for ad in arrived)
    over = factory.wait_for(sent, 4)

    assert [over[job]["ExitCode"] for job in sent] == [7, 7]
    for job in sent:
        modes = b"credential_lab.idtoken 600\ncredential_lab.scitoken 600\n"
        cluster, proc = job.split(".")
        arguments = f"-param_LAB a.comma,b -cluster {cluster} -subcluster {proc}\n".encode()
        expected = arguments + modes + inputs["credential_lab.scitoken"]
        assert factory.outputs(job, entry) == (expected, b"\0\1\377\r\n")
    wait_until(
        lambda: "JOB_TERMINATED" in factory.events(entry, sent[1]), "the end in the user log", 60, every=0.3
    )
    assert factory.events(entry, sent[1])[0] == "SUBMIT"
    wait_until(lambda: not ce.queue("ClusterId"), "the jobs leave the CE", seconds=60, every=0.3)


def test_what_the_factory_does_to_a_pilot_reaches_the_ce(factory: Factory, ce: Condor, entry: Entry) -> None:
    held, removed, forgotten = sent = factory.submit(entry, glidein_startup("exit 0"), count=3)
    _wait_for_arrival(ce, count=3)

    factory.hold([held])
    factory.remove([removed])
    factory.forget([forgotten])
    _wait_for_status(ce, held, 5)
    _wait_for_status(ce, removed)
    assert _status(ce, forgotten) == [1]  # nobody ever tells the CE
    assert factory.wait_for(sent, 3, 5)[held]["HoldReason"].startswith("via condor_hold")
    factory.forget([held])
    ce.tool("condor_rm", "-all")


def test_factory_that_crashed_finds_its_pilots_again(factory: Factory, ce: Condor, entry: Entry) -> None:
    sent = factory.submit(entry, glidein_startup("exit 3"))
    _wait_for_arrival(ce, count=1)
    factory.condor.crash()
    try:
        assert len(_manage(ce)) == 1
        assert not factory.condor.pids()
    finally:
        factory.condor.start()
    assert factory.wait_for(sent, 4)[sent[0]]["ExitCode"] == 3


def test_schedd_that_was_killed_is_started_again(ce: Condor) -> None:
    [before] = ce.pids("condor_schedd")
    ce.kill("condor_schedd")
    [after] = wait_until(lambda: ce.pids("condor_schedd"), "another schedd", seconds=60)
    assert after != before
    ce.start()


def _wait_for_arrival(ce: Condor, count: int) -> list[dict[str, object]]:
    def arrived() -> list[dict[str, object]] | None:
        jobs = ce.queue(constraint="JobStatus == 1 && StageInFinish > 0")
        return jobs if len(jobs) == count else None

    return wait_until(arrived, f"{count} pilots at the CE", seconds=60, every=0.3)


def _manage(ce: Condor) -> list[str]:
    argv = as_account(ce.account, [sys.executable, "-m", "tests.e2e.condor.manage"])
    settings = {**ENVIRONMENT, **ce.account.environment, "CONDOR_CONFIG": str(ce.config)}
    done = subprocess.run(argv, env=settings, cwd=_PROJECT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().split()


def _status(ce: Condor, pilot: str) -> list[int]:
    """The JobStatus at the CE of the pilot of that name at the factory."""
    wanted = f'split(SubmitterGlobalJobId, "#")[1] == "{pilot}"'
    return [ad["JobStatus"] for ad in ce.queue("JobStatus", constraint=wanted)]


def _wait_for_status(ce: Condor, pilot: str, *status: int) -> None:
    what = f"pilot {pilot} in JobStatus {status} at the CE"
    wait_until(lambda: _status(ce, pilot) == list(status), what, seconds=60, every=0.3)
