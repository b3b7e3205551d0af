"""The batch system's commands at the site, which misbehave on command (see shim.sh)."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

COMMANDS = ("sbatch", "squeue", "sacct", "scancel")
SHIM = Path(__file__).with_name("shim.sh")
WAIT_S = 40.0


class Shims:
    """A folder that comes first in the account's PATH."""

    def __init__(self, folder: Path, account: str):
        self.folder, self._account = folder, account
        folder.mkdir(mode=0o755)
        shutil.chown(folder, account)
        for name in COMMANDS:
            shutil.copy(SHIM, folder / name)
            (folder / name).chmod(0o755)

    @contextlib.contextmanager
    def misbehaving(self, name: str, mode: str) -> Iterator[None]:
        """Every call of the command, while the block lasts."""
        self._write(f"{name}.mode", mode)
        try:
            yield
        finally:
            self.behave()

    def once(self, name: str, mode: str, seconds: float = WAIT_S) -> bool:
        """The next call of the command; whether it came within `seconds`."""
        before = self.fired(name)
        self._write(f"{name}.once", mode)
        deadline = time.monotonic() + seconds
        while self.fired(name) == before:
            if time.monotonic() > deadline:
                self._remove(f"{name}.once")
                return False
            time.sleep(0.02)
        return True

    def behave(self) -> None:
        """All commands do what they should from now on."""
        for name in COMMANDS:
            for kind in ("mode", "once", "old"):
                self._remove(f"{name}.{kind}")

    def fired(self, name: str) -> int:
        """How often a command misbehaved."""
        try:
            lines = (self.folder / "fired").read_text().splitlines()
        except FileNotFoundError:
            return 0
        return sum(line.startswith(f"{name} ") for line in lines)

    def _write(self, name: str, mode: str) -> None:
        new = self.folder / f"{name}.new"
        new.write_text(f"{mode}\n")
        shutil.chown(new, self._account)
        os.rename(new, self.folder / name)

    def _remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
