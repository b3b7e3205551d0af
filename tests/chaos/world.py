"""All that a fault can reach: a site, the way to it, and a CE."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bosco.batch.slurm import array
from tests.chaos import truth
from tests.chaos.factory import Factory
from tests.chaos.mounts import Disk
from tests.chaos.proxy import Proxy
from tests.chaos.shims import Shims
from tests.e2e.ce import Ce
from tests.e2e.lab import process
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab

OPTIONS = LabOptions(
    slurm_conf_lines=(
        "PreemptType=preempt/partition_prio",
        "PreemptMode=CANCEL",
        "FirstJobId=1000",
        "PartitionName=urgent Nodes=node01 Default=NO State=UP PriorityTier=10 DefMemPerCPU=1",
    )
)
STATE_MB = 48
SPOOL_MB = 32


@dataclass
class World:
    """One site, one CE, one factory."""

    lab: Lab
    ce: Ce
    proxy: Proxy
    shims: Shims
    factory: Factory
    state: Disk
    spool: Disk
    truth_file: Path
    dice: random.Random

    def pause(self, longest: float, shortest: float = 0.0) -> None:
        """A random time."""
        time.sleep(self.dice.uniform(shortest, longest))

    def agents(self) -> list[int]:
        """The processes of our agents at the login node."""
        found = process.descendants(self.lab.sshd.listener.supervisor.pid)
        return [pid for pid in found if b"hosted-ce-agent" in _command_line(pid)]

    def batch_jobs(self) -> list[dict[str, str]]:
        """Our account's jobs in Slurm's queue, ended ones too."""
        return [
            {"id": batch_id, "stamp": stamp, "state": job.state}
            for job in self.lab.slurm.jobs()
            for stamp, batch_id in array.jobs(job.name, job.id) or ()
        ]

    def connected(self) -> bool:
        """Whether the CE answers, is in contact with the site and submits."""
        try:
            cluster = self.ce.cluster()
        except (httpx.HTTPError, OSError, ValueError):
            return False
        return bool(cluster["contact"] == "ready" and cluster["submitting"])

    def operator(self, *argv: str) -> None:
        """Runs `hosted-ce` as an operator does."""
        command = [sys.executable, "-m", "hosted_ce.cli.main", *argv, "--state", str(self.ce.state)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise AssertionError(f"hosted-ce {' '.join(argv)}: {done.stderr}")

    def while_read_only(self, seconds: float) -> int:
        """The spool cannot be written for so long. 0 when a file that is open keeps it writable."""
        for _ in range(20):
            try:
                with self.spool.read_only():
                    time.sleep(seconds)
                return 1
            except OSError:
                time.sleep(0.1)
        return 0

    def expect_frozen(self) -> None:
        """While the site is away nothing is called finished or lost, and the API says since when and why."""
        cluster = self.ce.cluster()
        assert cluster["contact"] == "down", cluster
        assert cluster["since"], cluster
        assert cluster["problem"], cluster


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@contextlib.contextmanager
def new_world(seed: int, *, arrays: bool = False) -> Iterator[World]:
    """Starts all; leaves nothing behind. `arrays`: pilots share job arrays, and come several at a time."""
    dice = random.Random(seed)
    with running_lab(OPTIONS) as lab, tempfile.TemporaryDirectory(prefix="hosted-ce-chaos-") as name:
        folder = Path(name)
        shims = Shims(lab.folder / "shims", lab.account)
        (lab.home / ".bashrc").write_text(f"export PATH={shims.folder}:$PATH\n")
        truth_file = lab.folder / "truth"
        truth_file.touch()
        truth_file.chmod(0o666)
        proxy = Proxy(lab.port)
        state, spool = Disk(folder / "state", STATE_MB), Disk(lab.home / "hosted-ce", SPOOL_MB, lab.account)
        ce = Ce(lab, folder, arrays={} if arrays else None, **_reached_through(proxy, lab, folder))
        factory = Factory(ce, truth.SCRIPT.format(file=truth_file), dice, at_once=5 if arrays else 1)
        world = World(lab, ce, proxy, shims, factory, state, spool, truth_file, dice)
        ce.start()
        try:
            yield world
        finally:
            ce.kill()
            proxy.close()
            state.close()
            spool.close()


def _reached_through(proxy: Proxy, lab: Lab, folder: Path) -> dict[str, Any]:
    known_hosts = folder / "known_hosts"
    key = lab.known_hosts.read_text().split(maxsplit=1)[1]
    known_hosts.write_text(f"[127.0.0.1]:{proxy.port} {key}")
    return {
        "login": [{"host": "127.0.0.1", "port": proxy.port}],
        "known_hosts": str(known_hosts),
        "command_timeout": "10s",
    }
