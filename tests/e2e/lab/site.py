"""A whole campus site on loopback: start it, use it, leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import account, slot
from tests.e2e.lab.daemons import ENVIRONMENT, HOST, Daemon, Supervisor
from tests.e2e.lab.munge import munged
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.slurm import Slurm, start_slurm
from tests.e2e.lab.slurm_conf import SlurmPorts
from tests.e2e.lab.sshd import Sshd, start_sshd


@dataclass(frozen=True)
class Lab:
    """A running site: a login node with one unprivileged account, and the Slurm behind it."""

    folder: Path
    account: str
    home: Path
    munge: Daemon
    slurm: Slurm
    sshd: Sshd
    host: str = HOST

    @property
    def port(self) -> int:
        """The login node's SSH port."""
        return self.sshd.port

    @property
    def private_key(self) -> Path:
        """The key that logs in as the account."""
        return self.sshd.private_key

    @property
    def known_hosts(self) -> Path:
        """A known_hosts file with the login node's only host key."""
        return self.sshd.known_hosts

    def run_as_account(
        self, argv: Sequence[str], *, input: bytes = b"", timeout: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program at the site as the account, without SSH, whatever it answers in `timeout` seconds."""
        identity = {"HOME": str(self.home), "USER": self.account, "LOGNAME": self.account}
        return subprocess.run(
            argv,
            env={**ENVIRONMENT, **self.slurm.environment, **identity},
            cwd=self.home,
            user=self.account,
            group=self.account,
            extra_groups=[],
            input=input,
            capture_output=True,
            timeout=timeout,
            check=False,
        )


@contextmanager
def running_lab(options: LabOptions | None = None) -> Iterator[Lab]:
    """A lab for as long as the context lasts; needs root. LabError when something does not come up."""
    place = slot.take()
    try:
        home = account.prepare(place.account_name)
        folder = _new_folder()
        supervisor = Supervisor([folder, home], keep_open=[place.lock])
    finally:
        os.close(place.lock)  # from now on the supervisor holds the place
    try:
        yield _start(supervisor, folder, home, place, options or LabOptions())
    finally:
        supervisor.close()


def _new_folder() -> Path:
    # not pytest's tmp_path: the account and its jobs must get in, to slurm.conf and munge's socket
    folder = Path(tempfile.mkdtemp(prefix="hosted-ce-lab-"))
    folder.chmod(0o755)
    return folder


def _start(supervisor: Supervisor, folder: Path, home: Path, place: slot.Slot, options: LabOptions) -> Lab:
    munge, munge_socket = munged(supervisor, folder / "munge")
    munge.start()
    ports = place.free_ports()
    slurm = start_slurm(
        supervisor,
        folder / "slurm",
        munge=munge_socket,
        ports=SlurmPorts(controller=next(ports), node=next(ports), dbd=next(ports)),
        options=options,
    )
    sshd = start_sshd(
        supervisor,
        folder / "sshd",
        account=place.account_name,
        port=next(ports),
        environment=slurm.environment,
        options=options,
    )
    return Lab(folder, place.account_name, home, munge, slurm, sshd)
