"""Pilots from a factory, through a schedd and our daemon, over a real sshd, on a real Slurm, and home again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce
from tests.e2e.condor.ce import start_minimal_ce
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import PROTECTED, hosted_ce
from tests.e2e.condor.instance import Condor
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.pilot_script import glidein_startup
from tests.e2e.condor.submit_file import Entry
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def schedd(condor_lab: CondorLab, factory: Factory, lab: Lab) -> Condor:
    schedd = start_minimal_ce(condor_lab, PROTECTED, host="door.lab.test")
    factory.condor.give_token("door", schedd.idtoken(f"{lab.account}@users.htcondor.org"))
    return schedd


@pytest.fixture
def entry(schedd: Condor) -> Entry:
    return Entry(schedd.identity.name, schedd.identity.collector)


@pytest.fixture
def ce(lab: Lab, schedd: Condor, tmp_path: Path) -> Iterator[Ce]:
    ce = hosted_ce(lab, schedd, tmp_path)
    ce.start()
    yield ce
    ce.kill()


def test_a_pilot_goes_there_and_comes_home(ce: Ce, factory: Factory, schedd: Condor, entry: Entry) -> None:
    inputs = {"credential_lab.idtoken": b"for the pool", "credential_lab.scitoken": bytes(range(256))}
    sent = factory.submit(
        entry, glidein_startup("echo hello; sleep 5; echo bye >&2; exit 7"), count=3, inputs=inputs
    )
    running = factory.wait_for(sent, 2, 4)
    print(running[sent[0]])
    over = factory.wait_for(sent, 4)
    print(over[sent[0]])
    print(ce.pilots())
    assert [over[job]["ExitCode"] for job in sent] == [7, 7, 7]
    assert factory.outputs(sent[0], entry) == (b"hello\n", b"bye\n")
