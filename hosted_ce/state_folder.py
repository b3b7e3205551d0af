"""Whose the state folder is, and whether others get in: tokens, pilots' files and the database are there."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
NOT_OURS = frozenset({"front-door", "lost+found", ".snapshot"})
"""HTCondor's part, which hosted_ce.front_door.checks looks at; and what file systems have of their own."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a path, and the command that mends it. `fatal`: the CE does not start so."""

    path: Path
    said: str
    todo: str
    fatal: bool = True


def faults(folder: Path, uid: int) -> Iterator[Fault]:
    """All faults of the folder, and of what is right in it, for a CE of this user. Raises OSError.

    What is in it may be open to others, since they do not get to it: that is told, and nothing is refused.
    """
    found = folder.stat()
    if found.st_uid != uid:
        yield _foreign(folder, found.st_uid, uid, "chown -R")
        return
    if found.st_mode & OTHERS:
        said = f"{folder} has mode {stat.S_IMODE(found.st_mode):04o}, so that others get to what is in it"
        yield Fault(folder, said, f"chmod 700 {folder}")
    for path in sorted(folder.iterdir()):
        if path.name not in NOT_OURS:
            yield from _inside(path, uid)


def _inside(path: Path, uid: int) -> Iterator[Fault]:
    try:
        found = path.lstat()
    except FileNotFoundError:  # a file that was there for a moment
        return
    if found.st_uid != uid:
        yield _foreign(path, found.st_uid, uid, "chown -R -h")
    elif found.st_mode & OTHERS and not stat.S_ISLNK(found.st_mode):
        said = f"{path} has mode {stat.S_IMODE(found.st_mode):04o}; only its folder keeps others out"
        yield Fault(path, said, f"chmod -R go= {path}", fatal=False)


def _foreign(path: Path, owner: int, uid: int, command: str) -> Fault:
    said = f"{path} belongs to {_name(owner)}, and the CE runs as {_name(uid)}"
    return Fault(path, said, f"{command} {_name(uid)} {path}, or run the CE as {_name(owner)}")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def own_faults(folder: Path) -> list[Fault]:
    """The faults for a CE that this process is, or would be if root did not look for somebody else."""
    if not folder.exists():
        return []
    return list(faults(folder, os.geteuid() or folder.stat().st_uid))
