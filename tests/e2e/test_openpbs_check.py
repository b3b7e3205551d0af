"""Faults that an administrator may put into a real OpenPBS: each is found by its check, and by no other."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.lab import process
from tests.e2e.lab.openpbs import OpenPbsLab, running_openpbs, unmet
from tests.e2e.lab.openpbs_conf import NODE
from tests.e2e.pbs_faults import Fault, bad, found_by

pytestmark = [
    pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def openpbs() -> Iterator[OpenPbsLab]:
    with running_openpbs() as lab:
        yield lab


FAULTS = (
    Fault("a queue that is not there", "BS-2", request={"queue": "nosuch"}),
    Fault(
        "no default queue", "BS-2", ("unset server default_queue",), ("set server default_queue = workq",)
    ),
    Fault(
        "a queue that is disabled", "BS-6",
        ("set queue workq enabled = False",), ("set queue workq enabled = True",),
    ),
    Fault(
        "a queue that was never enabled", "BS-6",
        ("create queue new queue_type = execution",), ("delete queue new",), {"queue": "new"},
    ),
    Fault(
        "a queue whose own scheduler does not run", "BS-6",
        (
            "create sched second", "set sched second partition = p2",
            "create queue other queue_type = execution, partition = p2, enabled = True, started = True",
        ),
        ("delete queue other", "delete sched second"), {"queue": "other"},
    ),
    Fault(
        "a queue that is stopped", "BS-6",
        ("set queue workq started = False",), ("set queue workq started = True",),
    ),
    Fault(
        "a queue for others", "BS-6",
        ("set queue workq acl_users = somebody", "set queue workq acl_user_enable = True"),
        ("set queue workq acl_user_enable = False", "unset queue workq acl_users"),
    ),
    Fault(
        "a server for others", "CL-1",
        ("set server acl_users = somebody", "set server acl_user_enable = True"),
        ("set server acl_user_enable = False", "unset server acl_users"),
    ),
    Fault(
        "a walltime that is too long", "BS-7", ("set queue workq resources_max.walltime = 00:01:00",),
        ("unset queue workq resources_max.walltime",),
    ),
    Fault("more cores than any node has", "BS-7", request={"cpus": 9}),
    Fault(
        "few jobs for each account", "BS-5",
        ("set server max_queued = [u:PBS_GENERIC=3]",), ("unset server max_queued",),
    ),
    Fault(
        "no scheduling", "BS-1", ("set server scheduling = False",), ("set server scheduling = True",)
    ),
    Fault(
        "no history", "CL-3 CL-4",
        ("set server job_history_enable = False",), ("set server job_history_enable = True",),
    ),
)  # fmt: skip


def test_a_site_without_faults_has_none(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    assert bad(openpbs, tmp_path) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_is_found_by_its_check_and_by_no_other(
    openpbs: OpenPbsLab, tmp_path: Path, fault: Fault
) -> None:
    assert found_by(openpbs, tmp_path, fault) == set(fault.checks.split())


@contextmanager
def without_its_node(lab: OpenPbsLab) -> Iterator[None]:
    """MOM is gone, and the server has noticed."""
    lab.mom.stop(signal.SIGKILL)
    try:
        process.wait_until(
            lambda: b"down" in lab.command("pbsnodes", NODE).stdout, "the node is not down", 120
        )
        yield
    finally:
        lab.mom.start()
        lab.wait_for_the_node()


def test_no_node_works(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    with without_its_node(openpbs):
        assert bad(openpbs, tmp_path).keys() == {"BS-10"}


def test_no_scheduler_runs(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    openpbs.scheduler.stop(signal.SIGKILL)
    try:
        found = bad(openpbs, tmp_path)
        assert found.keys() == {"BS-1"}
        assert "nothing is started: the scheduler default is down" in found["BS-1"]
    finally:
        openpbs.scheduler.start()
        process.wait_until(lambda: b"state = idle" in schedulers(openpbs), "no scheduler", 60)


def schedulers(lab: OpenPbsLab) -> bytes:
    return lab.command("qmgr", "-c", "list sched").stdout


def test_a_server_that_is_away(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    openpbs.server.stop()
    try:
        assert bad(openpbs, tmp_path).keys() == {"CL-1"}
    finally:
        openpbs.server.start()
        openpbs.wait_for_the_node()


def test_jobs_of_the_account_that_are_no_pilots(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    done = openpbs.run_as_account(["qsub", "-h", "-N", "analysis"], input=b"exit 0\n")
    try:
        assert bad(openpbs, tmp_path).keys() == {"BS-9"}
    finally:
        openpbs.run_as_account(["qdel", done.stdout.decode().strip()])
