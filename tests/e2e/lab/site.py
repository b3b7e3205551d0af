"""A whole campus site on loopback: start it, use it, leave nothing behind."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import HOST, Daemon
from tests.e2e.lab.login import Login
from tests.e2e.lab.munge import munged
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.premises import Premises, premises
from tests.e2e.lab.slurm import Slurm, start_slurm
from tests.e2e.lab.slurm_conf import SlurmPorts
from tests.e2e.lab.sshd import Sshd, start_sshd
from tests.witnesses import Statement


@dataclass(frozen=True)
class Lab(Login):
    """A running site: a login node with one unprivileged account, and the Slurm behind it."""

    folder: Path
    owner: Account
    munge: Daemon
    slurm: Slurm
    sshd: Sshd
    options: LabOptions
    host: str = HOST

    @property
    def node_scratch(self) -> Path:
        """A folder that the node sees, on disks that it does not share with the login node, as it were."""
        return self.folder / "node-scratch"

    def run_as_account(
        self, argv: Sequence[str], *, input: bytes = b"", timeout: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program at the site as the account, without SSH, whatever it answers in `timeout` seconds."""
        return self.owner.run(argv, self.slurm.environment, input=input, timeout=timeout)

    def testimony(self) -> Statement:
        """Slurm's and sshd's."""
        return self.slurm.testimony() | self.sshd.testimony()


@contextmanager
def running_lab(options: LabOptions | None = None) -> Iterator[Lab]:
    """A lab for as long as the context lasts; needs root. LabError when something does not come up."""
    with premises("site") as place:
        yield start_lab(place, options or LabOptions())


def start_lab(place: Premises, options: LabOptions) -> Lab:
    """A lab on these premises."""
    owner, ports = place.accounts["site"], place.ports
    munge, munge_socket = munged(place.supervisor, place.folder / "munge")
    munge.start()
    slurm = start_slurm(
        place.supervisor,
        place.folder / "slurm",
        munge=munge_socket,
        ports=SlurmPorts(controller=next(ports), node=next(ports), dbd=next(ports)),
        options=options,
    )
    sshd = start_sshd(
        place.supervisor,
        place.folder / "sshd",
        account=owner.name,
        port=next(ports),
        batch="slurm",
        environment=slurm.environment,
        options=options,
    )
    lab = Lab(place.folder, owner, munge, slurm, sshd, options)
    lab.node_scratch.mkdir()
    owner.own(lab.node_scratch)
    return lab
