"""What every lab stands on: a place of this machine, a folder, accounts, a supervisor that clears it all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import account, slot
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import Supervisor


@dataclass(frozen=True)
class Premises:
    """A folder that everybody may enter, accounts by their role, ports of loopback that nobody else takes."""

    folder: Path
    supervisor: Supervisor
    accounts: Mapping[str, Account]
    ports: Iterator[int]


@contextmanager
def premises(*roles: str) -> Iterator[Premises]:
    """Premises with an account for each role, for as long as the context lasts; needs root.

    Whatever ran under the supervisor has ended afterwards, and the folder and the homes are gone.
    """
    place = slot.take()
    try:
        accounts = {role: account.prepare(place.account_name(role)) for role in roles}
        folder = _new_folder()
        homes = [one.home for one in accounts.values()]
        supervisor = Supervisor([folder, *homes], keep_open=[place.lock])
    finally:
        os.close(place.lock)  # from now on the supervisor holds the place
    try:
        yield Premises(folder, supervisor, accounts, place.free_ports())
    finally:
        supervisor.close()


def _new_folder() -> Path:
    # not pytest's tmp_path: the accounts and their jobs must get in
    folder = Path(tempfile.mkdtemp(prefix="hosted-ce-lab-"))
    folder.chmod(0o755)
    return folder
