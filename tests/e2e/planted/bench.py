"""The bench of planted faults: a lab whose account logs in by its own ~/.ssh, and one examination of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bosco.ssh.walk import Patience
from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.judge import login_report
from hosted_ce.checks.result import Result
from hosted_ce.daemon.checks.examining import Examiner
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site
from tests.e2e.lab import process
from tests.e2e.lab.daemons import run
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab
from tests.witnesses import Statement

LITTLE_PATIENCE = Patience(name=10.0, connect=2.0, shell=4.0)
"""For faults that are silence: each is waited for so long."""
OPTIONS = LabOptions(
    slurm_conf_lines=("AccountingStorageEnforce=associations,limits,qos", "KillWait=60", "MessageTimeout=5"),
    sshd_config_lines=("StrictModes yes", "AuthorizedKeysFile .ssh/authorized_keys"),
)
PROJECT = "osg"


@dataclass
class Planted:
    """A lab, and what differs from an ordinary site file: in its cluster, and in its route's request."""

    lab: Lab
    folder: Path
    cluster: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)

    @property
    def home(self) -> Path:
        """The account's."""
        return self.lab.home

    @property
    def other_port(self) -> int:
        """Where something listens that is no SSH server: slurmctld."""
        lines = self.lab.slurm.conf.read_text().splitlines()
        return int(next(line for line in lines if line.startswith("SlurmctldPort=")).partition("=")[2])

    def testimony(self) -> Statement:
        """The lab's."""
        return self.lab.testimony()

    def prepare(self) -> None:
        """Makes the site as it should be."""
        ssh = self.home / ".ssh"
        ssh.mkdir(mode=0o700)
        self.lab.owner.own(ssh)
        key = self.lab.private_key.with_suffix(".pub").read_bytes()
        self.lab.owner.write(ssh / "authorized_keys", key)
        self.manage("add", "account", PROJECT)
        self.associate()

    def associate(self) -> None:
        """Gives the account its association in Slurm."""
        self.manage("add", "user", self.lab.account, f"account={PROJECT}")

    def manage(self, *words: str) -> None:
        """An order to Slurm's accounting."""
        run(["sacctmgr", "--immediate", *words], self.lab.slurm.environment)

    def control(self, *words: str) -> None:
        """An order to Slurm's controller."""
        run(["scontrol", *words], self.lab.slurm.environment)

    def wait_for_node(self) -> None:
        """Until the node is idle: right after a start of slurmctld it is not known to be."""
        idle = ("sinfo", "--noheader", "--states=idle", "--responding", "--format=%n")
        process.wait_until(lambda: self.lab.slurm.command(*idle).stdout, "the node is not idle", seconds=90)

    @contextmanager
    def bashrc(self, *lines: str) -> Iterator[None]:
        """These lines in the account's ~/.bashrc."""
        path = self.lab.owner.write(self.home / ".bashrc", ("\n".join(lines) + "\n").encode())
        try:
            yield
        finally:
            path.unlink()

    @contextmanager
    def mounted(self, options: str) -> Iterator[Path]:
        """A small file system of the account's, with the spool on it."""
        place = self.home / "mounted"
        place.mkdir()
        own = f"uid={self.lab.owner.uid},gid={self.lab.owner.gid},mode=700"
        run(["mount", "-t", "tmpfs", "-o", f"{own},{options}", "none", str(place)])
        self.cluster["spool"] = str(place / "spool")
        try:
            yield place
        finally:
            run(["umount", "--lazy", str(place)])
            place.rmdir()

    def report(self) -> tuple[Result, ...]:
        """What the checks say now. The spool is a new one each time, but where a fault has its own."""
        facts = asyncio.run(self._facts())
        shutil.rmtree(self.home / "hosted-ce", ignore_errors=True)
        return login_report(facts, local=False)

    async def _facts(self) -> Facts:
        site = load_site(self._file())
        table = table_of(site, self.folder)
        examiner = Examiner("lab", site.clusters["lab"], table, patience=self.patience)
        return [facts async for facts in examiner.facts()][-1]

    def _file(self) -> Path:
        path = self.folder / "site.yaml"
        path.write_text(yaml.safe_dump(_site(self.lab, self.cluster, self.request)))
        return path


def _site(lab: Lab, cluster: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "batch": "slurm", "login": [{"host": lab.host, "port": lab.port}], "account": lab.account,
        "key": str(lab.private_key), "known_hosts": str(lab.known_hosts), "poll": "1s",
    }  # fmt: skip
    asked = {"queue": "short", "walltime": "10m", "memory": "10 MB", **request}
    return {
        "site": "Lab-University",
        "resource": "Lab-CE1",
        "clusters": {"lab": {**own, **cluster}},
        "routes": [{"name": "main", "request": asked}],
    }
