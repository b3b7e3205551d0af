"""A small OSPool: what a pilot joins, and where a researcher's job waits for one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.condor.config import QUICK_RESTART, Identity
from tests.e2e.condor.instance import Condor, prepare
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.telling import matching
from tests.witnesses import Statement

_LINES = (
    "ALLOW_ADVERTISE_STARTD = *",
    "ALLOW_ADVERTISE_MASTER = *",
    "COLLECTOR.SEC_ADVERTISE_STARTD_AUTHENTICATION_METHODS = IDTOKENS",  # never as a neighbour (FS)
    "NEGOTIATOR_INTERVAL = 2",
    "NEGOTIATOR_MIN_INTERVAL = 1",
    "NEGOTIATOR_CYCLE_DELAY = 1",
    "NEGOTIATOR_UPDATE_AFTER_CYCLE = True",
    "SCHEDD_INTERVAL = 2",
    "SCHEDD_MIN_INTERVAL = 1",
)

_SCOPES = ("READ", "ADVERTISE_STARTD", "ADVERTISE_MASTER")

_JOB = """\
universe = vanilla
executable = {script}
arguments = {arguments}
transfer_executable = True
should_transfer_files = YES
output = {output}
error = {output}.err
log = {output}.log
request_cpus = 1
request_memory = 10
request_disk = 1
queue
"""


@dataclass(frozen=True)
class Pool:
    """A running pool."""

    condor: Condor

    @property
    def collector(self) -> str:
        """What a pilot joins, `host:port`."""
        return self.condor.identity.collector

    def pilot_token(self) -> str:
        """The IDTOKEN that the frontend gives each pilot: it may advertise itself, and nothing else."""
        scopes = [word for scope in _SCOPES for word in ("-authz", scope)]
        return self.condor.idtoken("vofrontend_service@ospool.lab.test", *scopes)

    def testimony(self) -> Statement:
        """Its HTCondor's, and why jobs do not start there."""
        return self.condor.testimony() | matching(self.condor)

    def submit(self, script: str, arguments: str = "") -> Path:
        """Submit a researcher's job and return the file that its stdout comes to when it has run.

        `$$(attribute)` in `arguments` is the attribute of the slot that it runs on.
        """
        folder = self.condor.account.home
        number = sum(1 for _ in folder.glob("*.sub"))
        output = folder / f"{number}.out"
        write = self.condor.account.write
        executable = write(folder / f"{number}.sh", script.encode(), 0o755)
        text = _JOB.format(script=executable, arguments=arguments, output=output)
        self.condor.tool("condor_submit", str(write(folder / f"{number}.sub", text.encode())))
        return output


def start_pool(lab: CondorLab, host: str = "ospool.lab.test") -> Pool:
    """A pool that runs, with no execution point yet."""
    identity = Identity(host, lab.folder / host, next(lab.ports))
    daemons = "MASTER COLLECTOR NEGOTIATOR SCHEDD"
    lines = (*_LINES, *QUICK_RESTART)
    condor = prepare(lab.supervisor, lab.programs, lab.accounts["pool"], identity, daemons, *lines)
    condor.start()
    return Pool(condor)
