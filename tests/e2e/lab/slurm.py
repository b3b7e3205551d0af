"""A Slurm of the lab's own: slurmctld, slurmd and, with accounting, slurmdbd on MariaDB."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.e2e.lab import process
from tests.e2e.lab.daemons import ENVIRONMENT, Daemon, Supervisor, attempt, is_listening, run
from tests.e2e.lab.mariadb import mariadbd
from tests.e2e.lab.newer_slurm import for_newer, newer_slurm
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.process import LabError
from tests.e2e.lab.slurm_conf import CGROUP_CONF, SlurmPorts, gres_conf, slurm_conf, slurmdbd_conf
from tests.witnesses import Statement

_SEPARATOR = "\x1f"
_WITHOUT_HOMES = (
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs -o mode=755 none /home && exec "$@"',
    "sh",
)
_JOB_FIELDS = ("JobArrayID", "Name", "State", "exit_code")
_TELLING = (
    ("squeue", "-a", "-t", "all", "-o", "%i %j %T %r %C CPUs %m, %M of %l, %N"),
    ("sinfo", "-N", "-o", "%N %T, CPUs %C, %E"),
)
"""What shows why jobs do not start or end."""


@dataclass(frozen=True)
class Job:
    """One job as squeue shows it; `wait_status` is the kernel's number, 768 for `exit 3`."""

    id: str
    name: str
    state: str
    wait_status: str


@dataclass(frozen=True)
class Slurm:
    """A running Slurm. Every stop waits for the daemon's end, every start until it serves."""

    conf: Path
    controller: Daemon
    node: Daemon
    dbd: Daemon | None
    programs: Path | None = None
    """The folder of its programs; None: they are the system's."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client needs to find this Slurm."""
        return _environment(self.conf, self.programs)

    def command(self, *argv: str, timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
        """Run a Slurm client as root, whatever it answers within `timeout` seconds."""
        return attempt(argv, self.environment, timeout=timeout)

    def jobs(self) -> list[Job]:
        """Every job that slurmctld still knows, ended ones too; LabError when it does not answer."""
        fields = ",".join(f"{field}:{_SEPARATOR}" for field in _JOB_FIELDS)
        listing = run(["squeue", "-h", "-a", "-r", "-t", "all", "-O", fields], self.environment)
        lines = os.fsdecode(listing).split("\n")
        return [Job(*line.split(_SEPARATOR)[: len(_JOB_FIELDS)]) for line in lines if line]

    def wait_for_state(self, job_id: str, *states: str, seconds: float = 90) -> Job:
        """The job as soon as squeue shows it in one of the states; LabError if not within `seconds`."""
        return process.wait_until(
            lambda: next((job for job in self.jobs() if job.id == job_id and job.state in states), None),
            f"job {job_id} in {' or '.join(states)}",
            seconds,
        )

    def testimony(self) -> Statement:
        """The daemons' logs, jobs and nodes."""
        daemons = (self.controller, self.node, self.dbd)
        asked = {f"{argv[0]} of {self.conf}": partial(self._told, argv) for argv in _TELLING}
        return Statement(tuple(daemon.log for daemon in daemons if daemon), asked)

    def _told(self, argv: Sequence[str]) -> str:
        done = self.command(*argv, timeout=20)
        return (done.stdout + done.stderr).decode(errors="replace")

    def stop_controller(self) -> None:
        """End slurmctld: squeue, sbatch and scancel fail, running jobs go on."""
        self.controller.stop()

    def start_controller(self) -> None:
        """Start slurmctld with the state that it saved."""
        self.controller.start()

    def stop_node(self) -> None:
        """End slurmd: running jobs go on; what slurmctld starts now is RUNNING in squeue and does not run."""
        self.node.stop()

    def start_node(self) -> None:
        """Start slurmd."""
        self.node.start()

    def wait_for_node(self) -> None:
        """Returns when a job can start."""
        idle_nodes = ("sinfo", "--noheader", "--states=idle", "--format=%n")
        process.wait_until(lambda: self.command(*idle_nodes).stdout, "the node is not idle", seconds=90)

    def stop_dbd(self) -> None:
        """End slurmdbd: sacct fails. LabError in a lab without accounting."""
        self._accounting().stop()

    def start_dbd(self) -> None:
        """Start slurmdbd. LabError in a lab without accounting."""
        self._accounting().start()

    def _accounting(self) -> Daemon:
        if self.dbd is None:
            raise LabError("this lab has no accounting: ask for LabOptions(accounting=True)")
        return self.dbd


def start_slurm(
    supervisor: Supervisor, folder: Path, *, munge: Path, ports: SlurmPorts, options: LabOptions
) -> Slurm:
    """Write the configuration, start every daemon and return when a job can start."""
    folder.mkdir(mode=0o755)
    conf = folder / "slurm.conf"
    hostname = socket.gethostname().partition(".")[0]
    programs = newer_slurm() if options.rate_limited else None
    text = slurm_conf(options, folder=folder, munge=munge, ports=ports, hostname=hostname)
    conf.write_text(for_newer(text, programs) if programs else text)
    conf.with_name("cgroup.conf").write_text("CgroupPlugin=disabled\n" if programs else CGROUP_CONF)
    conf.with_name("gres.conf").write_text(gres_conf(options))
    dbd = _start_dbd(supervisor, conf, munge, ports) if options.accounting else None
    node = node_of(supervisor, conf, ports, programs, shared_home=options.shared_home)
    slurm = Slurm(conf, controller_of(supervisor, conf, programs), node, dbd, programs)
    slurm.start_controller()
    slurm.start_node()
    slurm.wait_for_node()
    return slurm


def _environment(conf: Path, programs: Path | None) -> Mapping[str, str]:
    own = {"PATH": f"{programs}:{ENVIRONMENT['PATH']}"} if programs else {}
    return {"SLURM_CONF": str(conf), **own}


def _program(name: str, programs: Path | None) -> str:
    return str(programs / name) if programs else name


def controller_of(supervisor: Supervisor, conf: Path, programs: Path | None) -> Daemon:
    """Its slurmctld."""
    environment = _environment(conf, programs)
    return Daemon(
        supervisor,
        [_program("slurmctld", programs), "-D"],
        conf.with_name("slurmctld.log"),
        lambda: attempt(["scontrol", "ping"], environment).returncode == 0,
        environment,
    )


def node_of(
    supervisor: Supervisor, conf: Path, ports: SlurmPorts, programs: Path | None, *, shared_home: bool
) -> Daemon:
    """Its slurmd."""
    slurmd = [_program("slurmd", programs), "-D", *(["-d", str(programs / "slurmstepd")] if programs else [])]
    return Daemon(
        supervisor,
        slurmd if shared_home else [*_WITHOUT_HOMES, *slurmd],
        conf.with_name("slurmd.log"),
        lambda: is_listening(ports.node),
        _environment(conf, programs),
    )


def _start_dbd(supervisor: Supervisor, conf: Path, munge: Path, ports: SlurmPorts) -> Daemon:
    database, database_socket = mariadbd(supervisor, conf.parent / "mariadb")
    database.start()
    dbd_conf = conf.with_name("slurmdbd.conf")
    dbd_conf.touch(mode=0o600)  # slurmdbd refuses one that others may read
    dbd_conf.write_text(slurmdbd_conf(folder=conf.parent, munge=munge, ports=ports))
    environment = {"SLURM_CONF": str(conf)}
    dbd = Daemon(
        supervisor,
        ["slurmdbd", "-D"],
        conf.with_name("slurmdbd.log"),
        lambda: attempt(["sacctmgr", "-n", "list", "cluster"], environment).returncode == 0,
        environment | {"MYSQL_UNIX_PORT": str(database_socket)},  # slurmdbd.conf has no word for a socket
    )
    dbd.start()
    return dbd
