"""The unprivileged Unix accounts of a lab."""

from __future__ import annotations

import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.daemons import ENVIRONMENT, run
from tests.e2e.lab.process import LabError
from tests.e2e.lab.slot import one_lab_at_a_time

_MARK = "login account of the hosted_ce test lab"


@dataclass(frozen=True)
class Account:
    """An ordinary user of this machine with a group of its own name and a home that only it can enter."""

    name: str
    home: Path
    uid: int
    gid: int

    @property
    def environment(self) -> Mapping[str, str]:
        """What a login would set."""
        return {"HOME": str(self.home), "USER": self.name, "LOGNAME": self.name}

    def run(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        input: bytes = b"",
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program in the account's name, whatever it answers within `timeout` seconds.

        It starts in the account's home unless `cwd` is given, and is looked for on the PATH of `environment`.
        """
        return subprocess.run(
            argv,
            env={**ENVIRONMENT, **self.environment, **(environment or {})},
            cwd=cwd or self.home,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            input=input,
            capture_output=True,
            timeout=timeout,
            check=False,
        )

    def write(self, path: Path, content: bytes, mode: int = 0o600) -> Path:
        """Write a file that belongs to the account, and return its path."""
        path.touch(mode=0o600)
        self.own(path).write_bytes(content)
        path.chmod(mode)
        return path

    def own(self, path: Path) -> Path:
        """Give a file or folder to the account, and return it."""
        shutil.chown(path, self.uid, self.gid)
        return path


def prepare(name: str) -> Account:
    """Make the account unless it exists, and give it an empty home that only it can enter.

    It can log in by key only. LabError when the lab did not make the user of that name: its home is not
    ours to empty.
    """
    with one_lab_at_a_time("account"):
        user = _find(name) or _make(name)
    if user.pw_gecos != _MARK:
        raise LabError(f"user {name} is not the lab's, and its home would be emptied: rename or remove it")
    account = Account(name, Path(user.pw_dir), user.pw_uid, user.pw_gid)
    if account.home.exists():
        shutil.rmtree(account.home)
    account.home.mkdir(parents=True, mode=0o700)
    account.own(account.home)
    return account


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
