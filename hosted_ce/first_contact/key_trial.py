"""Whether login nodes take the next key of a change, without the one in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bosco.ssh.stream import Login
from bosco.ssh.walk import walk
from hosted_ce.first_contact.key_files import next_of, no_change


@dataclass(frozen=True, slots=True)
class Trial:
    """How a login node takes the next key alone. `said`: why it does not, or None."""

    host: str
    said: str | None


async def tried(logins: Sequence[Login], key: Path, *, python: str, spool: str) -> list[Trial]:
    """Goes the whole way to an agent at each login node, by the next key alone where `key` is in use.

    Raises KeyTrouble when there is no next key.
    """
    if not next_of(key).is_file():
        raise no_change(key)
    trials = []
    for login in logins:
        alone = replace(_alone(login, key), via=tuple(_alone(hop, key) for hop in login.via))
        approach, link = await walk(alone, python=python, spool=spool)
        if link:
            await link.close()
        trials.append(Trial(f"{login.host}:{login.port}", approach.said if approach.failed else None))
    return trials


def _alone(host: Login, key: Path) -> Login:
    if host.key != key:
        return replace(host, next_too=False)
    return replace(host, key=next_of(key), certificate=None, next_too=False)
