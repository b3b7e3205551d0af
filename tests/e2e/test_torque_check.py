"""Faults that an administrator may put into a real Torque: each is found by its check, and by no other."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.lab import process
from tests.e2e.lab.daemons import Daemon
from tests.e2e.lab.torque import TorqueLab, running_torque, unmet
from tests.e2e.lab.torque_conf import NODE, TorqueOptions
from tests.e2e.pbs_faults import Fault, bad, found_by

pytestmark = [
    pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]  # fmt: skip
KEEP_COMPLETED_S = 300
STAMP = "hqaaaaaaaaaaaaa"
"""A job's name like those of pilots."""
WITHOUT_RECORDS = "CL-3"
"""Torque has no records that an account can read: a warning at every site."""


@pytest.fixture(scope="module")
def torque() -> Iterator[TorqueLab]:
    with running_torque(TorqueOptions(keep_completed_s=KEEP_COMPLETED_S)) as lab:
        yield lab


FAULTS = (
    Fault("a queue that is not there", "BS-2", request={"queue": "nosuch"}),
    Fault("no default queue", "BS-2", ("unset server default_queue",), ("set server default_queue = batch",)),
    Fault(
        "a queue that is disabled", "BS-6",
        ("set queue batch enabled = False",), ("set queue batch enabled = True",),
    ),
    Fault(
        "a queue that is stopped", "BS-6",
        ("set queue batch started = False",), ("set queue batch started = True",),
    ),
    Fault(
        "a queue for others", "BS-6",
        ("set queue batch acl_users = somebody", "set queue batch acl_user_enable = True"),
        ("set queue batch acl_user_enable = False", "unset queue batch acl_users"),
    ),
    Fault(
        "a server for others", "CL-1",
        ("set server acl_users = somebody", "set server acl_user_enable = True"),
        ("set server acl_user_enable = False", "unset server acl_users"),
    ),
    Fault(
        "a walltime that is too long", "BS-7", ("set queue batch resources_max.walltime = 00:01:00",),
        ("unset queue batch resources_max.walltime",),
    ),
    Fault("more cores than any node has", "BS-7", request={"cpus": 9}),
    Fault(
        "few jobs for each account", "BS-5",
        ("set queue batch max_user_queuable = 3",), ("unset queue batch max_user_queuable",),
    ),
    Fault(
        "a queue that was never enabled", "BS-6",
        ("create queue new queue_type = execution",), ("delete queue new",), request={"queue": "new"},
    ),
    Fault("no scheduling", "BS-1", ("set server scheduling = False",), ("set server scheduling = True",)),
    Fault(
        "ended jobs are not listed", "CL-4", ("set server keep_completed = 0",),
        (f"set server keep_completed = {KEEP_COMPLETED_S}",),
    ),
    Fault(
        "a node set offline", "BS-10",
        (f"set node {NODE} state = offline",), (f"set node {NODE} state = free",),
    ),
    Fault("a spool that may not be written", "AC-6", cluster={"spool": "/var/spool/hosted-ce"}),
)  # fmt: skip


def seen(torque: TorqueLab, folder: Path) -> dict[str, str]:
    """What is wrong besides what every site with a Torque has."""
    found = bad(torque, folder)
    return {check: what for check, what in found.items() if check != WITHOUT_RECORDS}


def test_a_site_without_faults_has_none(torque: TorqueLab, tmp_path: Path) -> None:
    assert bad(torque, tmp_path) == {
        WITHOUT_RECORDS: "it keeps none that the account can read: Torque keeps no records that its users "
        "can read"
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_is_found_by_its_check_and_by_no_other(
    torque: TorqueLab, tmp_path: Path, fault: Fault
) -> None:
    assert found_by(torque, tmp_path, fault) - {WITHOUT_RECORDS} == {fault.checks}


@contextmanager
def killed(daemon: Daemon) -> Iterator[None]:
    daemon.stop(signal.SIGKILL)
    try:
        yield
    finally:
        daemon.start()


def test_no_node_works(torque: TorqueLab, tmp_path: Path) -> None:
    with killed(torque.daemons.mom):
        torque.until_the_node_is("down", 400)
        assert seen(torque, tmp_path).keys() == {"BS-10"}
    torque.until_the_node_is("free")


def test_a_server_that_is_away(torque: TorqueLab, tmp_path: Path) -> None:
    with killed(torque.daemons.server):
        assert seen(torque, tmp_path).keys() == {"CL-1"}
    torque.start_server()
    torque.until_the_node_is("free")


def test_nobody_tells_the_server_who_asks(torque: TorqueLab, tmp_path: Path) -> None:
    with killed(torque.daemons.authd):
        assert seen(torque, tmp_path).keys() == {"CL-1"}


def test_jobs_of_the_account_that_are_no_pilots(torque: TorqueLab, tmp_path: Path) -> None:
    """Until they end; Torque lists them on for a while."""
    done = torque.run_as_account(["qsub", "-h", "-N", "analysis"], input=b"exit 0\n")
    try:
        assert seen(torque, tmp_path).keys() == {"BS-9"}
    finally:
        torque.run_as_account(["qdel", done.stdout.decode().strip()])
    assert b"job_state = C" in torque.command("qstat", "-f", done.stdout.decode().strip()).stdout
    assert seen(torque, tmp_path) == {}


def test_a_scheduler_that_is_away(torque: TorqueLab, tmp_path: Path) -> None:
    """Torque's server says nothing of it: what is seen is a job of the account that nobody starts."""
    with killed(torque.daemons.scheduler):
        done = torque.run_as_account(["qsub", "-N", STAMP], input=b"exit 0\n")
        assert not seen(torque, tmp_path).keys() & {"BS-1"}, "it may be started in a moment"
        process.wait_until(lambda: "BS-1" in seen(torque, tmp_path), "nobody noticed", 240, every=10)
        assert b"server_state = Active" in torque.command("qstat", "-B", "-f").stdout
    batch_id = done.stdout.decode().strip()
    process.wait_until(
        lambda: b"job_state = C" in torque.command("qstat", "-f", batch_id).stdout, "it did not run", 60
    )
    assert seen(torque, tmp_path) == {}
