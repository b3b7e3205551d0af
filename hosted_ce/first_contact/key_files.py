"""The files of a key, and how one takes the place of another: whole at each moment, the old one kept.

Nothing is moved between folders: certificates may be named anywhere, on another file system, too.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import asyncssh

from bosco.errors import KeyUnusable
from bosco.ssh.certificates import read_certificate
from bosco.ssh.identity import next_key
from hosted_ce.authorized_keys import public_half
from hosted_ce.first_contact.errors import KeyTrouble

PUBLIC, CERTIFICATE = ".pub", "-cert.pub"
_OLD = ".old"
_MODE = 0o644


def beside(key: Path, end: str) -> Path:
    """A file that belongs to a key."""
    return key.with_name(f"{key.name}{end}")


def next_of(key: Path) -> Path:
    """Where the key is that is to take the place of this one."""
    return next_key(key)


def old_of(path: Path) -> Path:
    """Where a file is kept that another one took the place of."""
    return path.with_name(f"{path.name}{_OLD}")


def take_after(path: Path, model: Path) -> None:
    """Gives a file the owner and the mode of another: whoever reads that one can read it. Raises OSError."""
    theirs, mine = model.stat(), path.stat()
    if (theirs.st_uid, theirs.st_gid) != (mine.st_uid, mine.st_gid):
        os.chown(path, theirs.st_uid, theirs.st_gid)
    path.chmod(stat.S_IMODE(theirs.st_mode))


def keep(path: Path) -> None:
    """Keeps a file beside itself, for when another one takes its place. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        same = Path(folder) / path.name
        os.link(path, same)
        same.replace(old_of(path))


def put(source: Path, place: Path) -> None:
    """Copies a public file into a place; what was there is kept. Done before: nothing. Raises OSError."""
    data = source.read_bytes()
    if place.is_file():
        if place.read_bytes() == data:
            return
        keep(place)
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
        half = Path(folder) / place.name
        half.write_bytes(data)
        half.chmod(_MODE)
        half.replace(place)


def put_back(place: Path) -> None:
    """Gives a file that was kept its place again, if there is one. Raises OSError."""
    old = old_of(place)
    if old.exists():
        old.replace(place)
        old.unlink(missing_ok=True)  # two names of one file are not made one by a renaming


def certifies(certificate: Path, key: Path) -> bool:
    """Whether it is this key's certificate; not, if one of them cannot be read."""
    try:
        public = public_half(key).public_data
        return bool(read_certificate(certificate).parsed.key.public_data == public)
    except (OSError, KeyUnusable, asyncssh.KeyImportError):
        return False


def no_change(key: Path) -> KeyTrouble:
    """That no change is under way."""
    return KeyTrouble(f"there is no {next_of(key)}: begin with `hosted-ce key rotate begin`")
