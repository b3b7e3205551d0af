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
import asyncio, json, shutil, sys
from pathlib import Path
from types import SimpleNamespace
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.registry import batch_system, is_replaced
from bosco.batch.slurm.carried import porter
from bosco.installed import agent_program
from bosco.link import agent_source
from bosco.look import looking
from hosted_ce.api.pages import assets
from hosted_ce.api.pages.templates import ENVIRONMENT
from hosted_ce.checks.node.script import probe_script
from hosted_ce.front_door.config import Machine, condor_config
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.programs import Programs
from hosted_ce.routing.aim import ANYWHERE
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.site import SiteFile
from hosted_ce.test_pilots.errands import errand_of
from hosted_ce.test_pilots.kind import Kind

away = {"shared_home": False}
used = [
    batch_system(name, options)
    for name, options in (
        ("slurm", {}), ("slurm", away), ("pbs", {}), ("pbs", away), ("sge", {}), ("htcondor", {}),
        ("htcondor", {"filesystem_domain": "example.edu"}),
    )
]
login = SimpleNamespace(python="python3", spool=SimpleNamespace(path="/spool"), locale={})
site = SiteFile.model_validate({
    "site": "Example University", "resource": "Example-CE1", "routes": [{"name": "default"}],
    "clusters": {"main": {
        "batch": "slurm", "login": [{"host": "login.example.edu"}], "account": "osg01", "key": "/k",
        "known_hosts": "/h",
    }},
    "front_door": {"host": "ce.example.edu", "certificate": "/c/cert.pem", "certificate_key": "/c/key.pem"},
})
machine = Machine(Layout(Path("/front-door")), Programs(Path("/usr/sbin/condor_master")), "hosted-ce")
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
    "page's": [asyncio.run(assets.static(name)).body.decode() for name in assets.TYPES],
    "tests": [errand_of(kind, ANYWHERE).script.decode() for kind in Kind],
    "front door": condor_config(site, site.front_door, machine, "1.0"),
    "replaced": [is_replaced(name) for name in ("slurm", "lsf")],
}))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the packages, as an installation has them."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "deploy/condor", tmp_path / "hosted_ce/_shipped/condor")
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
