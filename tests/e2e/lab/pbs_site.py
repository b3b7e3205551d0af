"""What the labs of a real OpenPBS and a real Torque share: PBS's commands, sshd, homes of the node."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from tests.e2e.lab.account import Account
from tests.e2e.lab.host import Host
from tests.e2e.lab.login import Login
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.pbs_copies import made
from tests.e2e.lab.premises import Premises
from tests.e2e.lab.process import LabError
from tests.e2e.lab.sshd import Sshd, start_sshd
from tests.witnesses import Statement


class PbsSite(Login):
    """A login node with one account and a PBS, for a lab that has a `folder` and a `login`."""

    AROUND: ClassVar[Mapping[str, str]]
    """The environment in which its commands are found."""
    TELLING: ClassVar[Sequence[tuple[str, ...]]]
    """Commands that tell of its jobs and nodes."""
    folder: Path
    login: Host

    @property
    def node_scratch(self) -> Path:
        """A folder that is the node's, as it were."""
        return self.folder / "node-scratch"

    def command(self, *argv: str, timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
        """Runs one of its commands as root, its manager, whatever it answers."""
        return self.login.attempt(argv, self.AROUND, timeout=timeout)

    def qmgr(self, *directives: str) -> None:
        """Changes its settings; LabError when it will not."""
        for directive in directives:
            done = self.command("qmgr", "-c", directive)
            if done.returncode:
                raise LabError(f"qmgr -c '{directive}': {done.stderr.decode(errors='replace')}")

    def run_as_account(
        self, argv: Sequence[str], *, input: bytes = b"", timeout: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs a program at the login node as the account."""
        return self.login.attempt_as(self.owner, argv, self.AROUND, input=input, timeout=timeout)

    def told(self, *logs: Path) -> Statement:
        """These logs and sshd's, jobs and nodes."""
        asked = {f"{argv[0]} of {self.folder}": partial(self._answer, argv) for argv in self.TELLING}
        return Statement(logs, asked) | self.sshd.testimony()

    def _answer(self, argv: Sequence[str]) -> str:
        done = self.command(*argv, timeout=20)
        return (done.stdout + done.stderr).decode(errors="replace")


def sshd_of(place: Premises, owner: Account, login: Host, around: Mapping[str, str]) -> Sshd:
    """Starts the login node's, with PBS's commands in its environment."""
    return start_sshd(
        place.supervisor, place.folder / "sshd", account=owner.name, port=next(place.ports), batch="pbs",
        environment=around, options=LabOptions(), within=login.enter,
    )  # fmt: skip


def homes_of_the_node(place: Premises, owner: Account) -> Path:
    """A folder with a home of the account's that is the node's alone."""
    homes = made(place.folder / "node-homes")
    owner.own(made(homes / owner.name)).chmod(0o700)
    return homes
