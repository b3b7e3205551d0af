"""Record what batch systems answer to a codec's probe: `python -m tests.e2e.record_probe FOLDER`.

FOLDER is tests/corpora, or another one. Each command of a probe leaves PROBE-NUMBER.argv (a JSON list),
.stdout, .stderr and .rc in the batch system's own folder; a lab's folder is written /lab. Two minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.model import CommandResult
from bosco.batch.protocol import BatchSystem
from bosco.batch.sge.codec import GridEngine
from bosco.batch.slurm.codec import Slurm
from tests.e2e.condor.campus import CampusOptions, running_campus
from tests.e2e.lab.gridengine import GridEngineLab, running_gridengine
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab

USER = "hce-site"
"""What the recordings call the account, whatever its name was."""
_PARTITIONS = (
    "AccountingStorageEnforce=associations,limits,qos",
    "PartitionName=physics Nodes=ALL AllowAccounts=physics MaxTime=7-0",
    "PartitionName=osg Nodes=ALL AllowAccounts=osg,physics MaxTime=1-0 MaxMemPerNode=64000 MaxCPUsPerNode=16",
    "PartitionName=wheel Nodes=ALL AllowGroups=root",
    "PartitionName=drained Nodes=ALL State=DRAIN",
)


class Site(Protocol):
    """What the three labs have in common."""

    folder: Any
    owner: Any

    def run_as_account(self, argv: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """Run a program at the site as the account."""


@dataclass(frozen=True)
class Recorder:
    """Keeps the probes of one codec at one site."""

    site: Site
    folder: Path
    codec: BatchSystem

    def probe(self, name: str) -> None:
        """All commands of one probe."""
        dialogue, number = self.codec.probe(self.site.owner.name), 0
        command = next(dialogue)
        while True:
            number += 1
            settings = ("env", "LC_ALL=C", *(f"{key}={value}" for key, value in command.environment.items()))
            done = self.site.run_as_account([*settings, *command.argv])
            self._keep(f"probe-{name}-{number}", command.argv, done)
            try:
                command = dialogue.send(CommandResult(done.returncode, done.stdout, done.stderr))
            except StopIteration:
                return

    def _keep(self, name: str, argv: Sequence[str], done: subprocess.CompletedProcess[bytes]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        argv = [word.replace(self.site.owner.name, USER) for word in argv]
        (self.folder / f"{name}.argv").write_text(json.dumps(argv) + "\n")
        (self.folder / f"{name}.stdout").write_bytes(self._neutral(done.stdout))
        (self.folder / f"{name}.stderr").write_bytes(self._neutral(done.stderr))
        (self.folder / f"{name}.rc").write_text(f"{done.returncode}\n")

    def _neutral(self, output: bytes) -> bytes:
        output = output.replace(os.fsencode(self.site.folder), b"/lab")
        return output.replace(os.fsencode(self.site.owner.name), os.fsencode(USER))


def main(corpora: Path) -> None:
    """Record everything into folders below `corpora`."""
    _slurm(corpora / "slurm-22.05")
    _gridengine(corpora / "gridengine-8.1.9")
    _htcondor(corpora / "htcondor-25")


def _slurm(folder: Path) -> None:
    with running_lab() as lab:
        recorder = Recorder(lab, folder, Slurm())
        recorder.probe("plain")
        lab.slurm.stop_dbd()
        recorder.probe("dbd-down")
        lab.slurm.stop_controller()
        recorder.probe("all-down")
    with running_lab(LabOptions(accounting=False)) as lab:
        Recorder(lab, folder, Slurm()).probe("no-accounting")
    with running_lab(LabOptions(gpus=2, slurm_conf_lines=_PARTITIONS)) as lab:
        recorder = Recorder(lab, folder, Slurm())
        recorder.probe("no-association")
        _associate(lab)
        recorder.probe("enforced")


def _associate(lab: Lab) -> None:
    manage = ("sacctmgr", "-i")
    lab.slurm.command(*manage, "add", "account", "osg", "Description=osg", "Organization=osg")
    lab.slurm.command(*manage, "add", "user", lab.account, "Account=osg")
    limits = ("MaxSubmitJobs=100", "MaxWall=12:00:00")
    lab.slurm.command(*manage, "modify", "user", lab.account, "set", *limits)


def _gridengine(folder: Path) -> None:
    with running_gridengine() as lab:
        recorder = Recorder(lab, folder, GridEngine())
        recorder.probe("plain")
        lab.owner.write(lab.owner.home / "job.sh", b"#!/bin/sh\nexit 0\n")
        lab.run_as_account(["qsub", "-sync", "y", "-terse", "-o", "/dev/null", "-j", "y", "job.sh"])
        _limit(lab)
        recorder.probe("limited")
        _configure(lab, b"accounting=true", b"accounting=false")
        recorder.probe("no-accounting")
        lab.qmaster.stop()
        recorder.probe("qmaster-down")


def _limit(lab: GridEngineLab) -> None:
    _configure(lab, b"max_u_jobs                   0", b"max_u_jobs 200")
    lab.command("qconf", "-rattr", "queue", "h_rt", "24:00:00,[localhost=48:00:00]", "all.q")
    shown = lab.command("qconf", "-sq", "all.q").stdout
    form = lab.folder / "private"
    form.write_bytes(
        shown.replace(b"all.q", b"private.q").replace(
            b"user_lists            NONE", b"user_lists            arusers"
        )
    )
    lab.command("qconf", "-Aq", str(form))


def _configure(lab: GridEngineLab, old: bytes, new: bytes) -> None:
    form = lab.folder / "global"
    form.write_bytes(lab.command("qconf", "-sconf").stdout.replace(old, new))
    lab.command("qconf", "-Mconf", str(form))


def _htcondor(folder: Path) -> None:
    gpus = "MACHINE_RESOURCE_GPUs = CUDA0 CUDA1"
    with running_campus(CampusOptions(lines=(gpus, "MAX_JOBS_PER_OWNER = 40"))) as campus:
        recorder = Recorder(campus, folder, HTCondor())
        recorder.probe("plain")
        campus.condor.stop()
        recorder.probe("all-down")
    with running_campus(CampusOptions(lines=("HISTORY =",))) as campus:
        Recorder(campus, folder, HTCondor()).probe("no-history")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
