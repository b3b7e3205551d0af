"""A slice of the campaign of faults (tests/chaos), which has a whole site and CE of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
SLICE = (
    "daemon: kill -9",
    "link: sshd child killed",
    "agent: killed between sbatch and ledger",
    "slurm: sbatch says it failed, and did not",
)


def test_after_each_fault_the_books_agree_with_what_the_pilots_wrote(
    make_lab: Callable[[LabOptions], Lab], tmp_path: Path
) -> None:
    """`make_lab` only says whether this machine can run a lab."""
    report = tmp_path / "chaos.json"
    command = [sys.executable, "-m", "tests.chaos", "--report", str(report), *SLICE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=850, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-5000:]}"
    assert report.exists()
