"""A Grid Engine of the lab's own: a cell below a root of its own, and a campus with it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import gridengine_conf as conf
from tests.e2e.lab import process, requirements
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import HOST, Daemon, Supervisor, attempt, run
from tests.e2e.lab.login import Login
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.premises import Premises, premises
from tests.e2e.lab.sshd import Sshd, start_sshd
from tests.witnesses import Statement

_COMMANDS = ("sge_qmaster", "sge_execd", "qconf", "qsub", "sshd", "ssh-keygen", "useradd")
SLOTS = 8
_CELL = "lab"
_INSTALLED = Path("/var/lib/gridengine")
_INIT = "/usr/share/gridengine/scripts/init_cluster"
_ADMIN = "sgeadmin"


@dataclass(frozen=True)
class GridEngineLab(Login):
    """A running site: a login node with one account, and the Grid Engine behind it."""

    folder: Path
    owner: Account
    environment: Mapping[str, str]
    qmaster: Daemon
    execd: Daemon
    sshd: Sshd
    host: str = HOST

    def command(self, *argv: str, timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
        """Runs one of its commands as root, its manager, whatever it answers."""
        return attempt(argv, self.environment, timeout=timeout)

    def run_as_account(
        self, argv: Sequence[str], *, input: bytes = b"", timeout: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a program at the site as the account."""
        return self.owner.run(argv, self.environment, input=input, timeout=timeout)

    def testimony(self) -> Statement:
        """The daemons' messages, the queue as Grid Engine explains it, and sshd's log."""
        logs = (self.qmaster.log, self.execd.log, *sorted(self.folder.glob("sge/*/**/messages")))
        return Statement(logs, {f"qstat of {self.folder}": self._told}) | self.sshd.testimony()

    def _told(self) -> str:
        done = self.command("qstat", "-f", "-u", "*", "-explain", "a", timeout=20)
        return (done.stdout + done.stderr).decode(errors="replace")


@contextmanager
def running_gridengine(slots: int = SLOTS) -> Iterator[GridEngineLab]:
    """A lab for as long as the context lasts. LabError when something is missing here or does not come up.

    So many jobs run at a time, 50 at most.
    """
    if unmet := requirements.unmet(_COMMANDS):
        raise process.LabError(unmet)
    with premises("site") as place:
        yield _start(place, slots)


def _start(place: Premises, slots: int) -> GridEngineLab:
    folder = place.folder / "sge"
    ports = (next(place.ports), next(place.ports))
    environment = {
        "SGE_ROOT": str(folder / "root"), "SGE_CELL": _CELL,
        "SGE_QMASTER_PORT": str(ports[0]), "SGE_EXECD_PORT": str(ports[1]),
    }  # fmt: skip
    _make_cell(folder, environment)
    qmaster = _daemon(place.supervisor, folder, "qmaster", environment, ["qconf", "-sh"])
    qmaster.start()
    _configure(folder, environment, first_gid=ports[0], slots=slots)
    execd = _daemon(
        place.supervisor,
        folder,
        "execd",
        environment,
        ["qping", "-info", "localhost", str(ports[1]), "execd", "1"],
    )
    execd.start()
    shows_load = ["qhost", "-l", "arch=*"]
    process.wait_until(
        lambda: b"lx-" in attempt(shows_load, environment).stdout, "the node is not there", seconds=90
    )
    sshd = start_sshd(
        place.supervisor, place.folder / "sshd", account=place.accounts["site"].name, port=next(place.ports),
        batch="sge", environment=environment, options=LabOptions(),
    )  # fmt: skip
    return GridEngineLab(place.folder, place.accounts["site"], environment, qmaster, execd, sshd)


def _make_cell(folder: Path, environment: Mapping[str, str]) -> None:
    root = folder / "root"
    common = root / _CELL / "common"
    common.mkdir(parents=True)
    for name in ("bin", "lib", "util", "utilbin"):
        (root / name).symlink_to(_INSTALLED / name)
    for name in ("spool", "qmaster", "execd"):
        (folder / name).mkdir()
    (common / "bootstrap").write_text(conf.bootstrap(folder))
    (common / "act_qmaster").write_text("localhost\n")
    # Whatever this machine is called, everything speaks of localhost: names that do not agree are refused.
    names = dict.fromkeys(["localhost", socket.gethostname(), socket.getfqdn()])
    (common / "host_aliases").write_text(" ".join(names) + "\n")
    run([_INIT, environment["SGE_ROOT"], _CELL, str(folder / "spool"), _ADMIN])
    for above, _, files in os.walk(folder):
        for path in (above, *(os.path.join(above, name) for name in files)):
            shutil.chown(path, _ADMIN, _ADMIN)


def _daemon(
    supervisor: Supervisor, folder: Path, name: str, environment: Mapping[str, str], probe: Sequence[str]
) -> Daemon:
    # SGE_ND: it stays in the foreground.
    return Daemon(
        supervisor, [f"/usr/sbin/sge_{name}"], folder / f"{name}.log",
        lambda: attempt(probe, environment).returncode == 0, {**environment, "SGE_ND": "1"},
    )  # fmt: skip


def _configure(folder: Path, environment: Mapping[str, str], *, first_gid: int, slots: int) -> None:
    forms = folder / "forms"
    forms.mkdir()
    shown = run(["qconf", "-ssconf"], environment).decode()
    for option, name, text in (
        ("-Mconf", "global", conf.cluster(folder, first_gid)),
        ("-Msconf", "scheduler", conf.scheduler(shown)),
        ("-Ap", "pe", conf.parallel_environment()),
    ):
        (forms / name).write_text(text)
        run(["qconf", option, str(forms / name)], environment)
    run(["qconf", "-as", "localhost"], environment)
    attempt(["qconf", "-ah", "localhost"], environment)  # it is one already
    (forms / "queue").write_text(conf.queue(slots))
    run(["qconf", "-Aq", str(forms / "queue")], environment)
