"""Faults that an administrator may put into a real OpenPBS: each is found by its check, and by no other."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.judge import login_report
from hosted_ce.checks.result import Result
from hosted_ce.daemon.checks.examining import Examiner
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site
from tests.e2e.ce import Ce
from tests.e2e.lab import process
from tests.e2e.lab.openpbs import OpenPbsLab, running_openpbs, unmet
from tests.e2e.lab.openpbs_conf import NODE

pytestmark = [
    pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.skipif(bool(unmet()), reason=unmet() or ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def openpbs() -> Iterator[OpenPbsLab]:
    with running_openpbs() as lab:
        yield lab


@dataclass(frozen=True)
class Fault:
    """What qmgr is told, how that is undone, what the route asks for, and who must find it."""

    what: str
    check: str
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)


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


def report(lab: OpenPbsLab, folder: Path, request: Mapping[str, Any]) -> tuple[Result, ...]:
    """What the checks say now, of a new spool."""
    asked = {"walltime": "10m", "memory": "64 MB", **request}
    routes = [{"name": "main", "request": asked}]
    ce = Ce(lab, folder, batch="pbs", limits={"pilots": 10}, site={"routes": routes})
    site = load_site(ce.site_file)

    async def last() -> Facts:
        examiner = Examiner("lab", site.clusters["lab"], table_of(site, folder))
        return [facts async for facts in examiner.facts()][-1]

    results = login_report(asyncio.run(last()), local=False)
    shutil.rmtree(lab.home / "hosted-ce", ignore_errors=True)
    return results


def bad(lab: OpenPbsLab, folder: Path, **request: Any) -> set[str]:
    """Without the load, which is of the machine that runs the tests."""
    found = report(lab, folder, request)
    return {each.check for each in found if each.verdict.badness and each.check != "OS-8"}


def test_a_site_without_faults_has_none(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    assert bad(openpbs, tmp_path) == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_is_found_by_its_check_and_by_no_other(
    openpbs: OpenPbsLab, tmp_path: Path, fault: Fault
) -> None:
    openpbs.qmgr(*fault.done)
    try:
        assert bad(openpbs, tmp_path, **fault.request) == set(fault.check.split())
    finally:
        openpbs.qmgr(*fault.undone)


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
        assert bad(openpbs, tmp_path) == {"BS-10"}


def test_no_scheduler_runs(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    openpbs.scheduler.stop(signal.SIGKILL)
    try:
        results = {each.check: each for each in report(openpbs, tmp_path, {})}
        assert "nothing is started: the scheduler default is down" in results["BS-1"].seen
        assert bad(openpbs, tmp_path) == {"BS-1"}
    finally:
        openpbs.scheduler.start()
        process.wait_until(lambda: b"state = idle" in schedulers(openpbs), "no scheduler", 60)


def schedulers(lab: OpenPbsLab) -> bytes:
    return lab.command("qmgr", "-c", "list sched").stdout


def test_a_server_that_is_away(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    openpbs.server.stop()
    try:
        assert bad(openpbs, tmp_path) == {"CL-1"}
    finally:
        openpbs.server.start()
        openpbs.wait_for_the_node()


def test_jobs_of_the_account_that_are_no_pilots(openpbs: OpenPbsLab, tmp_path: Path) -> None:
    done = openpbs.run_as_account(["qsub", "-h", "-N", "analysis"], input=b"exit 0\n")
    try:
        assert bad(openpbs, tmp_path) == {"BS-9"}
    finally:
        openpbs.run_as_account(["qdel", done.stdout.decode().strip()])
