"""What the letter of `hosted-ce site init` has a site try, tried on real batch systems."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.lab.gridengine import GridEngineLab
from tests.e2e.lab.site import Lab

pytestmark = pytest.mark.e2e


def test_slurm_says_whether_it_would_take_such_a_job(lab: Lab, tmp_path: Path) -> None:
    before = lab.slurm.jobs()
    taken = lab.run_as_account(trial(tmp_path / "taken", lab, batch="slurm"))
    assert (taken.returncode, b"to start at" in taken.stderr) == (0, True), taken.stderr
    refused = lab.run_as_account(trial(tmp_path / "refused", lab, batch="slurm", queue="nowhere"))
    assert (refused.returncode, b"invalid partition" in refused.stderr) == (1, True), refused.stderr
    assert {job.id for job in lab.slurm.jobs()} <= {job.id for job in before}


def test_grid_engine_says_whether_it_could_run_such_a_job(gridengine: GridEngineLab, tmp_path: Path) -> None:
    smp = {"batch": "sge", "cpus": "2", "memory": "2 GB", "parallel_environment": "smp"}
    taken = gridengine.run_as_account(trial(tmp_path / "taken", gridengine, **smp))
    assert (taken.returncode, b"found suitable queue" in taken.stdout) == (0, True), taken
    large = trial(tmp_path / "large", gridengine, **{**smp, "cpus": "500", "memory": "500 GB"})
    refused = gridengine.run_as_account(large)
    assert (refused.returncode, b"no suitable queues" in refused.stderr) == (1, True), refused
    assert gridengine.command("qstat", "-u", "*").stdout == b""


def trial(folder: Path, lab: Lab | GridEngineLab, **answers: str) -> list[str]:
    """The command that the letter gives for that, without what changes to the account."""
    given = {
        "option": "1a", "site": "Lab-University", "resource": "Lab-CE1", "contacts": "hpc@example.edu",
        "login": f"{lab.host}:{lab.port}", "account": lab.account, "our_addresses": lab.host,
        "fingerprints": "unknown", "shared": "home", "cpus": "1", "memory": "1 GB", "walltime": "10m",
        "pilots": "8", "queue": "none", "charge": "none", "door_host": "unknown", **answers,
    }  # fmt: skip
    options = [f"--{name.replace('_', '-')}={text}" for name, text in given.items()]
    command = [sys.executable, "-m", "hosted_ce.cli.main", "site", "init", str(folder), "--yes", *options]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    letter = (folder / "letter.txt").read_text()
    [line] = re.findall(rf"^ *sudo -iu {lab.account} (.*)$", letter, re.MULTILINE)
    return shlex.split(line)
