"""Changes a key for its next one: made beside it, tried, shown first by the CE, and put in its place.

KEY.next, KEY.next.pub and KEY.next-cert.pub are all that there is of a change that is under way: the CE shows
both keys at each login meanwhile (bosco.ssh.identity), so that nothing waits for the day of the change. What
had to go is kept as KEY.old until the CE has logged in by the new one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from hosted_ce.first_contact.errors import KeyTrouble
from hosted_ce.first_contact.key_files import (
    CERTIFICATE,
    PUBLIC,
    beside,
    certifies,
    keep,
    next_of,
    no_change,
    old_of,
    put,
    put_back,
    take_after,
)
from hosted_ce.first_contact.ssh_key import ensure_key


def begin(key: Path, comment: str, public: Path | None = None) -> str:
    """Makes the next key, unless there is one; the line of its public half.

    It gets the owner and mode of `key`: it must be the service that reads it, not whoever says this.
    `public`: the public half of one that an ssh-agent holds, which is then taken. Raises KeyTrouble.
    """
    following = next_of(key)
    before = following.exists()
    if not before:
        if old_of(key).exists():
            raise KeyTrouble(f"{old_of(key)} is there of the last change: say finish once more first")
        _left_over(following)
    line = ensure_key(following, comment)[0] if public is None else _taken(public, following)
    try:
        take_after(following, key)
    except OSError as error:
        if not before:
            _left_over(following)
            following.unlink()
        raise KeyTrouble(
            f"{following} cannot be given the owner and mode of {key} ({error.strerror}): say this in the "
            "account that owns the key, or as root"
        ) from error
    return line


def _taken(public: Path, following: Path) -> str:
    try:
        line = asyncssh.read_public_key(str(public)).export_public_key().decode().strip()
        if not following.exists():
            shutil.copyfile(public, following)
    except (OSError, asyncssh.KeyImportError) as error:
        raise KeyTrouble(f"{public} cannot be taken for the next key: {error}") from error
    return line


def finish(key: Path, certificates: Sequence[Path] = ()) -> None:
    """Puts the next key in the place of this one, which is kept as KEY.old, and so its certificates.

    `certificates`: where the site file has them, if it names any. A CE that logs in meanwhile finds one of
    the two keys at each moment. The key comes last: until then all of it can be said again.
    Raises KeyTrouble.
    """
    following = next_of(key)
    signed = beside(following, CERTIFICATE)
    if not following.is_file():
        raise no_change(key)
    _check_certificates(following, signed, certificates)
    try:
        take_after(following, key)
        keep(key)
        for place in certificates or [beside(key, CERTIFICATE)]:
            if signed.is_file():
                put(signed, place)
        if beside(following, PUBLIC).exists():
            put(beside(following, PUBLIC), beside(key, PUBLIC))
        following.replace(key)
        _left_over(following)
    except OSError as error:
        raise KeyTrouble(
            f"{error.filename or key}: {error.strerror}; say finish once more when it is mended"
        ) from error


def finished(key: Path) -> bool:
    """Whether the last change is done, but for the old key, which is kept yet."""
    return old_of(key).is_file() and not next_of(key).is_file()


def let_go(key: Path, certificates: Sequence[Path] = ()) -> None:
    """Removes what was kept of the last change. Raises KeyTrouble."""
    try:
        _left_over(next_of(key))
        for place in (*certificates, *_own(key), key):
            old_of(place).unlink(missing_ok=True)
        if not certifies(beside(key, CERTIFICATE), key):  # the old one's: none of the new one took its place
            beside(key, CERTIFICATE).unlink(missing_ok=True)
    except OSError as error:
        raise KeyTrouble(f"{error.filename or key}: {error.strerror}; remove it by hand") from error


def abort(key: Path, certificates: Sequence[Path] = ()) -> None:
    """Removes the next key, and puts back what a finish that broke off had replaced. Raises KeyTrouble."""
    following = next_of(key)
    if finished(key):
        raise KeyTrouble(f"{key} is the new key already; to go back, put {old_of(key)} in its place")
    if not following.is_file():
        raise no_change(key)
    try:
        if old_of(key).exists():  # without it, what has .old is not of this change
            for place in (*certificates, *_own(key)):
                put_back(place)
        if named := [each for each in certificates if certifies(each, following)]:
            raise KeyTrouble(f"{named[0]} is the next key's: put the certificate of {key} there first")
        if certifies(beside(key, CERTIFICATE), following):
            beside(key, CERTIFICATE).unlink()
        following.unlink()
        _left_over(following)
        old_of(key).unlink(missing_ok=True)
    except OSError as error:
        raise KeyTrouble(f"{error.filename or key}: {error.strerror}; say abort once more") from error


def _check_certificates(following: Path, signed: Path, named: Sequence[Path]) -> None:
    """What the site file names must be the next key's in the end: with another one the CE logs in nowhere."""
    if signed.is_file():
        if not certifies(signed, following):
            raise KeyTrouble(f"{signed} is no certificate of {following}: have that one signed")
    elif others := [each for each in named if not certifies(each, following)]:
        raise KeyTrouble(
            f"the site file names {others[0]}, the old key's: have the next one signed first, as {signed}"
        )


def _own(key: Path) -> tuple[Path, ...]:
    return beside(key, CERTIFICATE), beside(key, PUBLIC)


def _left_over(following: Path) -> None:
    for path in _own(following):
        path.unlink(missing_ok=True)
