"""Whose the state folder is, and whether others get in: tokens, pilots' files and the database are there."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
FRONT_DOOR = "front-door"
"""HTCondor's part, which hosted_ce.front_door.checks looks at."""
DATABASE = "hosted-ce.sqlite"
OURS = frozenset({
    "files", "outputs", "token", "lock", "log", "audit", "keys", "issuers", "digests", "endpoint",
    "certificate", "database-went-back", "demo", "hosted-ce.log",
})  # fmt: skip
"""What the CE reads or writes there, beside the database. All else is file systems' or people's own."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a path, and what mends it. `fatal`: the CE does not start so."""

    path: Path
    said: str
    todo: str
    fatal: bool = True


def faults(folder: Path, uid: int) -> Iterator[Fault]:
    """All faults of the folder, and of what is right in it, for a CE of this user. Raises OSError.

    What is in it may be open to others, since they do not get to it, and what the CE does not use may be
    anybody's: that is told, and nothing is refused.
    """
    found = folder.stat()
    if found.st_uid != uid:
        yield Fault(folder, _whose(folder, found.st_uid, uid), _run_as_owner(folder, found.st_uid, uid))
        return
    if found.st_mode & OTHERS:
        said = f"{folder} has mode {stat.S_IMODE(found.st_mode):04o}, so that others get to what is in it"
        yield Fault(folder, said, f"run: chmod 700 {_quoted(folder)}")
    for path in sorted(folder.iterdir()):
        if path.name != FRONT_DOOR:
            yield from _inside(path, uid)


def _inside(path: Path, uid: int) -> Iterator[Fault]:
    try:
        found = path.lstat()
    except FileNotFoundError:  # a file that was there for a moment
        return
    if found.st_uid != uid:
        said, todo = _whose(path, found.st_uid, uid), _taken_over(path, found.st_uid, uid)
        yield Fault(path, said, todo, fatal=is_ours(path.name))
    elif found.st_mode & OTHERS and not stat.S_ISLNK(found.st_mode):
        said = f"{path} has mode {stat.S_IMODE(found.st_mode):04o}; only its folder keeps others out"
        yield Fault(path, said, f"run: chmod -R go= {_quoted(path)}", fatal=False)


def is_ours(name: str) -> bool:
    """Whether the CE reads or writes what has this name in the state folder."""
    return name in OURS or name.startswith(DATABASE)  # its -wal, -shm, -journal and .moved


def _whose(path: Path, owner: int, uid: int) -> str:
    return f"{path} belongs to {_name(owner)}, and the CE runs as {_name(uid)}"


def _run_as_owner(folder: Path, owner: int, uid: int) -> str:
    """Never a chown: who errs about the folder or the account would give the wrong files away."""
    if owner == 0:
        made = f"install -d -m 700 -o {_name(uid)} {_quoted(folder / 'hosted-ce')}"
        return f"name a folder of {_name(uid)}'s own with --state, such as root makes it by: {made}"
    account = _quoted(_sudo_name(owner))
    return f"run this as {_name(owner)}: sudo -u {account} …, or name another folder with --state"


def _taken_over(path: Path, owner: int, uid: int) -> str:
    """What root left in a folder that is ours is ours; what anybody else has there is for people to judge."""
    if not is_ours(path.name):
        return "move it away, unless it is the file system's own"
    if owner == 0:
        return f"as root, run: chown -R -h {_name(uid)} {_quoted(path)}"
    return "find out why it is there, and move it away"


def _quoted(text: Path | str) -> str:
    return shlex.quote(str(text))


def _sudo_name(uid: int) -> str:
    name = _name(uid)
    return f"#{uid}" if name == str(uid) else name


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
