"""The files that a site file names: are they there, and are they fit for their use?"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from hosted_ce.secret_modes import mode_that_counts
from hosted_ce.site.cluster import SshAccess
from hosted_ce.site.errors import Loc
from hosted_ce.site.known_hosts import may_know
from hosted_ce.site.positions import Finding

_READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH
_WIDER_THAN_0600 = 0o7777 & ~0o600


def check_key(loc: Loc, path: Path, *, whose: str = "account") -> Iterator[Finding]:
    """A private key file must exist, and must be for its owner only. Its content is never read."""
    try:
        found = path.stat()
    except FileNotFoundError:
        hint = f"put the {whose}'s private key there, with mode 0600"
        yield Finding(loc, f"there is no file {path}", hint, "warning")
        return
    except OSError as error:
        hint = "run this as the user of the service"
        yield Finding(loc, f"{path} cannot be looked at: {error.strerror}", hint, "warning")
        return
    mode, spelled = mode_that_counts(found), f"{stat.S_IMODE(found.st_mode):04o}"
    yield from _check_owner(loc, path, found.st_uid)
    if not stat.S_ISREG(found.st_mode):
        yield Finding(loc, f"{path} is not a file", "name the file with the private key")
    elif mode & _READABLE_BY_OTHERS:
        hint = f"chmod 600 {path}; if others have accounts on this machine, make a new key"
        yield Finding(loc, f"{path} can be read by others (mode {spelled})", hint)
    elif mode & _WIDER_THAN_0600:
        yield Finding(loc, f"{path} has mode {spelled}, wider than 0600", f"chmod 600 {path}", "warning")


def check_unchangeable(loc: Loc, path: Path) -> Iterator[Finding]:
    """What the service believes nobody else may change, or put another file in its place."""
    try:
        found, folder = path.stat(), path.parent.stat()
        fixed = bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)  # as ConfigMaps of Kubernetes are
    except OSError:  # told where it is read
        return
    spelled = f"{stat.S_IMODE(found.st_mode):04o}"
    yield from _check_owner(loc, path, found.st_uid)
    if found.st_mode & stat.S_IWOTH:
        yield Finding(loc, f"{path} can be changed by everybody (mode {spelled})", f"chmod go-w {path}")
    elif found.st_mode & stat.S_IWGRP:
        hint = f"chmod g-w {path}, unless all of that group may say what this CE does"
        yield Finding(loc, f"{path} can be changed by its group (mode {spelled})", hint, "warning")
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX and not fixed:
        said = f"everybody can put another file in the place of {path}: its folder has mode"
        yield Finding(loc, f"{said} {stat.S_IMODE(folder.st_mode):04o}", f"chmod o-w {path.parent}")


def _check_owner(loc: Loc, path: Path, owner: int) -> Iterator[Finding]:
    """Root may look for a service of another account, and cannot know which."""
    if os.geteuid() and owner not in {0, os.geteuid()}:
        hint = "give it to root or to the service's account, and run this as that account"
        yield Finding(loc, f"{path} belongs to {_name(owner)}, who can change it", hint, "warning")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def check_readable(loc: Loc, path: Path, what: str, *, or_folder: bool = False) -> Iterator[Finding]:
    """A file, or a folder if that will do, that the service only reads."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield Finding(loc, f"there is no file {path}", f"put {what} there", "warning")
        return
    except OSError as error:
        hint = "let the user of the service read it"
        yield Finding(loc, f"{path} cannot be looked at: {error.strerror}", hint, "warning")
        return
    if not stat.S_ISREG(mode) and not (or_folder and stat.S_ISDIR(mode)):
        yield Finding(loc, f"{path} is not a file", f"name the file with {what}")


def check_known_hosts(cluster_loc: Loc, access: SshAccess) -> Iterator[Finding]:
    """A known_hosts file must exist and have an entry for every login node."""
    path, loc = access.known_hosts, (*cluster_loc, "known_hosts")
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        hint = "put the login nodes' host keys there"
        yield Finding(loc, f"there is no file {path}", hint, "warning")
        return
    except OSError as error:
        hint = "let the user of the service read it"
        yield Finding(loc, f"{path} cannot be read: {error.strerror}", hint, "warning")
        return
    for index, login in enumerate(access.login):
        if not may_know(text, login.host, login.port):
            yield _unknown((*cluster_loc, "login", index, "host"), path, login.host, login.port)


def check_known_host(loc: Loc, path: Path, host: str, port: int) -> Iterator[Finding]:
    """A known_hosts file must have an entry for this host."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        yield Finding(loc, f"{path} cannot be read: {error.strerror}", "put its host keys there", "warning")
        return
    if not may_know(text, host, port):
        yield _unknown(loc, path, host, port)


def _unknown(loc: Loc, path: Path, host: str, port: int) -> Finding:
    message = f"{path} has no entry for {host} port {port}, so connections will be refused"
    hint = "`hosted-ce site trust FILE` shows its keys, and pins those that the site has told"
    return Finding(loc, message, hint, "warning")
