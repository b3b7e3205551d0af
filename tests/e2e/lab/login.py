"""What is the same at the login node of every lab, whatever batch system is behind it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.e2e.lab.account import Account
from tests.e2e.lab.sshd import Sshd

CONFINED = "HOSTED_CE_TESTS_CONFINED"
"""Set: CEs of tests have keys that start the installed agent and nothing else."""


class Login:
    """How a lab is reached, for one that has an `owner` and an `sshd`."""

    owner: Account
    sshd: Sshd

    @property
    def account(self) -> str:
        """The name of the account."""
        return self.owner.name

    @property
    def home(self) -> Path:
        """The account's home."""
        return self.owner.home

    @property
    def port(self) -> int:
        """The login node's SSH port."""
        return self.sshd.port

    @property
    def private_key(self) -> Path:
        """The key that logs in as the account."""
        return self.sshd.private_key

    @property
    def ce_key(self) -> Path:
        """The key for a CE: this one, or with CONFINED set, the one that starts the installed agent only."""
        return self.sshd.confined_key if os.environ.get(CONFINED) else self.private_key

    @property
    def known_hosts(self) -> Path:
        """A known_hosts file with the login node's only host key."""
        return self.sshd.known_hosts
