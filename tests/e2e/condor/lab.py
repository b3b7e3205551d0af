"""A lab for HTCondor: the tree of programs, accounts for a factory, a CE and a pool, and what clears them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.condor import root
from tests.e2e.condor.authority import Authority, new_authority
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import Supervisor
from tests.e2e.lab.premises import premises

ROLES = ("factory", "ce", "pool")


@dataclass(frozen=True)
class CondorLab:
    """Where HTCondors can be started; they end with it."""

    folder: Path
    supervisor: Supervisor
    accounts: Mapping[str, Account]
    """By role: `factory`, `ce`, `pool`."""
    ports: Iterator[int]
    root: Path
    programs: Path
    """A folder for PATH with HTCondor's programs, which trust the lab's authority as an issuer's."""
    authority: Authority


@contextmanager
def running_condor_lab() -> Iterator[CondorLab]:
    """A lab for as long as the context lasts; needs root, and network the first time on a machine."""
    tree = root.installed()
    with premises(*ROLES) as place:
        programs = place.folder / "bin"
        authority = new_authority(place.folder)
        root.write_programs(programs, tree, {"SCITOKEN_CONFIG_TLS_CA_FILE": str(authority.file)})
        yield CondorLab(
            place.folder, place.supervisor, place.accounts, place.ports, tree, programs, authority
        )
