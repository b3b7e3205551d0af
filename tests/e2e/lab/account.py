"""The unprivileged Unix account of a lab."""

from __future__ import annotations

import pwd
import shutil
from pathlib import Path

from tests.e2e.lab.daemons import run
from tests.e2e.lab.process import LabError
from tests.e2e.lab.slot import one_lab_at_a_time

_MARK = "login account of the hosted_ce test lab"


def prepare(name: str) -> Path:
    """Make the account unless it exists, give it an empty home that only it can enter, and return that.

    It can log in by key only, and has a group of its own name. LabError when the lab did not make the user
    of that name: its home is not ours to empty.
    """
    with one_lab_at_a_time("account"):
        user = _find(name) or _make(name)
    if user.pw_gecos != _MARK:
        raise LabError(f"user {name} is not the lab's, and its home would be emptied: rename or remove it")
    home = Path(user.pw_dir)
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    shutil.chown(home, user.pw_uid, user.pw_gid)
    return home


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd:
    options = (
        "--no-create-home",
        f"--home-dir=/home/{name}",
        "--user-group",
        "--shell=/bin/bash",
        f"--comment={_MARK}",
        "--password=*",  # sshd without PAM takes "!" for a locked account and refuses its key too
    )
    run(["useradd", *options, name])
    return pwd.getpwnam(name)
