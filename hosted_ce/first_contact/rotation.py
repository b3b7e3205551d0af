"""Changes a key for its next one: made beside it, tried, shown first by the CE, and put in its place.

KEY.next, KEY.next.pub and KEY.next-cert.pub are all that there is of a change that is under way: the CE shows
both keys at each login meanwhile (bosco.identity), so that nothing waits for the day of the change.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh

from bosco.identity import next_key
from bosco.ssh import Login
from bosco.walk import walk
from hosted_ce.first_contact.errors import KeyTrouble
from hosted_ce.first_contact.ssh_key import ensure_key

BESIDE = (".pub", "-cert.pub")


@dataclass(frozen=True, slots=True)
class Trial:
    """How a login node takes the next key alone. `said`: why it does not, or None."""

    host: str
    said: str | None


def begin(key: Path, comment: str, public: Path | None = None) -> str:
    """Makes the next key, unless there is one; the line of its public half.

    `public`: the public half of one that an ssh-agent holds, which is then taken. Raises KeyTrouble.
    """
    following = next_key(key)
    if public is None:
        return ensure_key(following, comment)[0]
    try:
        line = asyncssh.read_public_key(str(public)).export_public_key().decode().strip()
        if not following.exists():
            shutil.copyfile(public, following)
    except (OSError, asyncssh.KeyImportError) as error:
        raise KeyTrouble(f"{public} cannot be taken for the next key: {error}") from error
    return line


async def tried(logins: Sequence[Login], key: Path, *, python: str, spool: str) -> list[Trial]:
    """Goes the whole way to an agent at each login node, by the next key alone where `key` is in use.

    Raises KeyTrouble when there is no next key.
    """
    if not next_key(key).is_file():
        raise no_change(key)
    trials = []
    for login in logins:
        alone = replace(_alone(login, key), via=tuple(_alone(hop, key) for hop in login.via))
        approach, link = await walk(alone, python=python, spool=spool)
        if link:
            await link.close()
        trials.append(Trial(f"{login.host}:{login.port}", approach.said if approach.failed else None))
    return trials


def finish(key: Path, certificate: Path | None = None) -> None:
    """Puts the next key in the place of this one, which is gone then, and so its certificate.

    `certificate`: where the site file has it, if it names one. A CE that logs in meanwhile finds one of the
    two keys at each moment. Raises KeyTrouble.
    """
    following = next_key(key)
    signed = beside(following, "-cert.pub")
    if not following.is_file():
        raise no_change(key)
    if certificate and not signed.is_file():
        raise KeyTrouble(
            f"the site file names {certificate}, the old key's: have the next one signed first, as {signed}"
        )
    try:
        if signed.is_file():
            signed.replace(certificate or beside(key, "-cert.pub"))
        elif not certificate:
            beside(key, "-cert.pub").unlink(missing_ok=True)
        following.replace(key)
        if beside(following, ".pub").exists():
            beside(following, ".pub").replace(beside(key, ".pub"))
    except OSError as error:
        raise KeyTrouble(
            f"{error.filename}: {error.strerror}; say finish once more when it is mended"
        ) from error


def abort(key: Path) -> None:
    """Removes the next key. Raises KeyTrouble when there is none."""
    following = next_key(key)
    if not following.is_file():
        raise no_change(key)
    following.unlink()
    for end in BESIDE:
        beside(following, end).unlink(missing_ok=True)


def beside(key: Path, end: str) -> Path:
    """A file that belongs to a key."""
    return key.with_name(f"{key.name}{end}")


def no_change(key: Path) -> KeyTrouble:
    """That no change is under way."""
    return KeyTrouble(f"there is no {next_key(key)}: begin with `hosted-ce key rotate begin`")


def _alone(host: Login, key: Path) -> Login:
    if host.key != key:
        return replace(host, next_too=False)
    return replace(host, key=next_key(key), certificate=None, next_too=False)
