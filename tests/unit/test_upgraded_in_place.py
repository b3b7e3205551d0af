"""The package is replaced on disk while a CE runs: what runs goes on with what it began with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bosco", "hosted_ce")
PROGRAM = """
import json, shutil, sys
from types import SimpleNamespace
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.registry import batch_system, is_replaced
from bosco.batch.slurm_carried import porter
from bosco.installed import agent_program
from bosco.link import agent_source
from bosco.look import looking
from hosted_ce.api.pages.templates import ENVIRONMENT
from hosted_ce.checks.node.script import probe_script
from hosted_ce.routing.htcondor.defaults import ce_defaults

away = {"shared_home": False}
used = [
    batch_system(name, options)
    for name, options in (
        ("slurm", {}), ("slurm", away), ("pbs", {}), ("pbs", away), ("sge", {}), ("htcondor", {}),
        ("htcondor", {"filesystem_domain": "example.edu"}),
    )
]
login = SimpleNamespace(python="python3", spool=SimpleNamespace(path="/spool"), locale={})
for folder in sys.argv[1:]:
    shutil.rmtree(folder)
request = BatchRequest("habcdefghijklmn", "run.sh", (InputFile("run.sh", "0" * 64, executable=True),), 7200)
jobs = [codec.submission(request, "/spool/pilots/habcdefghijklmn") for codec in used]
print(json.dumps({
    "jobs": [{name: data.decode() for name, data in job.files.items()} for job in jobs],
    "commands": [porter("me").argv, looking(login).argv],
    "agents": [agent_source().decode(), agent_program()],
    "node check": probe_script().decode(),
    "routes": ce_defaults(),
    "page": ENVIRONMENT.loader.get_source(ENVIRONMENT, "overview.html")[0],
    "replaced": [is_replaced(name) for name in ("slurm", "lsf")],
}))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the packages, as an installation has them."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def told(copied: Path, *removed: str) -> dict[str, Any]:
    """What a process that runs from there sends, of which these parts are removed once it has begun."""
    argv = [sys.executable, "-c", PROGRAM, *(str(copied / name) for name in removed)]
    environment = {**os.environ, "PYTHONPATH": str(copied)}
    ran = subprocess.run(argv, env=environment, cwd=copied, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_nothing_that_goes_to_a_site_or_a_browser_is_read_after_the_start(copied: Path) -> None:
    before = told(copied)
    assert before.pop("replaced") == [False, False]
    after = told(copied, *PACKAGES)
    assert after.pop("replaced") == [False, True]
    assert after == before
