"""Which worker of `pytest -n` runs which file next, when whole files are given out (`--dist loadfile`).

Tests with labs mostly wait: for daemons, for the ends of jobs. The others compute. A machine is filled by
both at once and by neither alone, so every second worker begins with the labs, the others with the rest,
and each with what takes longest. Who computes steps back for the labs, whose daemons have deadlines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

_LABS = ("tests/conformance/", "tests/e2e/")
LONGEST = (
    "tests/conformance/test_htcondor.py",
    "tests/conformance/test_slurm.py",
    "tests/e2e/condor/test_door_crash.py",
    "tests/conformance/test_sge.py",
    "tests/conformance/test_pbs.py",
    "tests/e2e/condor/test_campus_ce.py",
    "tests/e2e/condor/test_door.py",
    "tests/e2e/condor/test_door_credentials.py",
    "tests/e2e/condor/test_versus.py",
    "tests/e2e/condor/test_campus.py",
    "tests/e2e/condor/test_door_contract.py",
    "tests/e2e/condor/test_front_door.py",
    "tests/e2e/test_pilots.py",
    "tests/conformance/test_lsf.py",
    "tests/e2e/condor/test_door_policy.py",
    "tests/e2e/test_reload.py",
    "tests/e2e/routing/test_random.py",
    "tests/e2e/test_chaos.py",
    "tests/unit/engine/test_engine_crash_points.py",
    "tests/property/test_door_model.py",
    "tests/unit/engine/test_engine_removal.py",
    "tests/property/test_engine_model.py",
)
"""Files that take half a minute and more, those that take longest first."""
_STEPS_BACK = 5


def begins_with_labs(worker: str) -> bool:
    """Whether that is the lane of a worker, `gw0` for instance."""
    return int(worker.removeprefix("gw")) % 2 == 0


def next_file(waiting: Iterable[str], *, labs: bool) -> str:
    """The file of these to be run next in the lane with the labs, or in the other one."""
    return min(waiting, key=lambda file: (file.startswith(_LABS) != labs, _rank(file)))


def _rank(file: str) -> int:
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


class Lanes(LoadFileScheduling):
    """xdist's own, but for the order."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        chosen = next_file(self.workqueue, labs=begins_with_labs(node.gateway.id))
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes | None:
    """Where whole files are given out."""
    return Lanes(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    """Of two that could go on, the one with the labs does."""
    worker = getattr(config, "workerinput", {}).get("workerid")
    if worker and not begins_with_labs(worker):
        os.nice(_STEPS_BACK)
