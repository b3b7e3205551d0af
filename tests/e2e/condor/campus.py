"""A campus whose batch system is HTCondor: a login node with sshd, and a pool of one node behind it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.condor import root
from tests.e2e.condor.config import QUICK_RESTART, Identity
from tests.e2e.condor.instance import Condor, prepare
from tests.e2e.condor.telling import matching
from tests.e2e.lab import process
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import HOST
from tests.e2e.lab.login import Login
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.premises import Premises, premises
from tests.e2e.lab.sshd import Sshd, start_sshd
from tests.witnesses import Statement

DOMAIN = "cluster.lab.test"

_POOL = (
    "NEGOTIATOR_INTERVAL = 2",
    "NEGOTIATOR_MIN_INTERVAL = 1",
    "NEGOTIATOR_CYCLE_DELAY = 1",
    "NEGOTIATOR_UPDATE_AFTER_CYCLE = True",
    "SCHEDD_INTERVAL = 2",
    "SCHEDD_MIN_INTERVAL = 1",
    "UPDATE_INTERVAL = 5",
    "POLLING_INTERVAL = 2",
    "STARTER_UPDATE_INTERVAL = 5",
    "SOFT_UID_DOMAIN = True",
    "BASE_CGROUP =",  # where a test runs, there may be none that can be written to
    "use feature:PartitionableSlot",
)


@dataclass(frozen=True)
class CampusOptions:
    """The differences between campuses; tests that ask for equal options share one."""

    shared_home: bool = True
    """Whether the node has the login node's home. Without, jobs run as an account that cannot enter it."""
    cpus: int = 64
    """CPUs that the only node pretends to have; a job gets one unless it asks for more."""
    memory_mb: int = 400_000
    """Memory that it pretends to have."""
    lines: tuple[str, ...] = ()
    """More lines for condor_config, which win."""


@dataclass(frozen=True)
class Campus(Login):
    """A running campus. The pool's daemons run as root, as an administrator would have it."""

    folder: Path
    owner: Account
    condor: Condor
    sshd: Sshd
    options: CampusOptions
    host: str = HOST

    @property
    def filesystem_domain(self) -> str | None:
        """What the node and the login node have in common, if they have the home in common."""
        return DOMAIN if self.options.shared_home else None

    def run_as_account(
        self, argv: Sequence[str], *, input: bytes = b"", cwd: Path | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program at the site as the account, without SSH, whatever it answers in `timeout` seconds."""
        return self.owner.run(argv, self.condor.environment, input=input, cwd=cwd, timeout=timeout)

    def testimony(self) -> Statement:
        """The pool's, why jobs do not start there, and sshd's log."""
        return self.condor.testimony() | matching(self.condor) | self.sshd.testimony()


@contextmanager
def running_campus(options: CampusOptions | None = None) -> Iterator[Campus]:
    """A campus for as long as the context lasts; needs root. LabError when something does not come up."""
    tree = root.installed()
    with premises("site", "node", "pool") as place:
        programs = place.folder / "bin"
        root.write_programs(programs, tree, {})
        yield _start(place, programs, options or CampusOptions())


def _start(place: Premises, programs: Path, options: CampusOptions) -> Campus:
    condor = _pool(place, programs, options)
    condor.start()
    slots = ("condor_status", "-af", "Name")
    process.wait_until(lambda: condor.tool(*slots), "the node is not in its pool", seconds=60)
    owner = place.accounts["site"]
    sshd = start_sshd(
        place.supervisor,
        place.folder / "sshd",
        account=owner.name,
        port=next(place.ports),
        batch="htcondor",
        environment=condor.environment,
        options=LabOptions(),
    )
    return Campus(place.folder, owner, condor, sshd, options)


def _pool(place: Premises, programs: Path, options: CampusOptions) -> Condor:
    daemons, condor = "MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD", place.accounts["pool"]
    identity = Identity(DOMAIN, place.folder / DOMAIN, next(place.ports))
    lines = (
        *_POOL,
        *QUICK_RESTART,
        f"CONDOR_IDS = {condor.uid}.{condor.gid}",
        f"NUM_CPUS = {options.cpus}",
        f"MEMORY = {options.memory_mb}",
        f"FILESYSTEM_DOMAIN = {DOMAIN}",
        "RUNBENCHMARKS = False",
        *(() if options.shared_home else _apart(place.accounts["node"])),
        *options.lines,
    )
    pool = prepare(place.supervisor, programs, condor, identity, daemons, *lines, as_root=True)
    for name in ("execute", "spool"):  # users' own folders are in them
        (identity.folder / name).chmod(0o755)
    return pool


def _apart(node: Account) -> tuple[str, ...]:
    return (
        f"STARTD.FILESYSTEM_DOMAIN = node.{DOMAIN}",
        "STARTER_ALLOW_RUNAS_OWNER = False",
        f"NOBODY_SLOT_USER = {node.name}",
        *(f"SLOT1_{number}_USER = {node.name}" for number in range(1, 65)),
    )
