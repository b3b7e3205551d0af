"""A real Slurm whose cluster the site file names: all that is asked of it has the name.

What two clusters and a federation answer is recorded (`tests/e2e/lab/record_clusters.py`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.login import CONFINED
from tests.e2e.lab.site import Lab

pytestmark = [
    pytest.mark.e2e, pytest.mark.timeout(600),
    pytest.mark.skipif(bool(os.environ.get(CONFINED)), reason="the lab's forced command names no cluster"),
]  # fmt: skip
COMMANDS = ("sbatch", "squeue", "sacct", "scancel", "scontrol", "sinfo")


@pytest.fixture
def noted(lab: Lab) -> Iterator[Path]:
    """A folder of Slurm's commands, which write down in `calls` what they were told first."""
    folder = lab.home / "noted"
    folder.mkdir()
    lab.owner.own(folder)
    for name in COMMANDS:
        real = shutil.which(name)
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $1" >>{folder}/calls\nexec {real} "$@"\n')
        (folder / name).chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def ce(lab: Lab, noted: Path, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, batch_options={"cluster": "lab"}, path=[str(noted)])
    ce.start()
    yield ce
    ce.kill()


def test_SL14_pilots_run_and_are_removed_in_the_cluster_that_is_named(ce: Ce, noted: Path) -> None:
    short = ce.submit("#!/bin/sh\necho $SLURM_CLUSTER_NAME\n")["id"]
    long = ce.submit("#!/bin/sh\nexec sleep 600\n")["id"]
    [done] = ce.wait([short])
    assert (done["state"], ce.output(short)) == ("completed", b"lab\n")
    ce.wait([long], {"running"})
    ce.client.delete(f"/api/v1/pilots/{long}").raise_for_status()
    assert ce.wait([long])[0]["state"] == "removed"
    calls = set((noted / "calls").read_text().splitlines())
    assert {"sbatch --clusters=lab", "squeue --clusters=lab", "scancel --clusters=lab"} <= calls
    assert all(call.endswith(" --clusters=lab") for call in calls), calls
