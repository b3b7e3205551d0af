"""What a login node has on its PATH, as small shell scripts; and ways to wait for them without sleeping."""

from __future__ import annotations

import os
import select
from pathlib import Path

PATIENCE_S = 20.0


class Tools:
    """A folder of commands. Each call of one is counted before its script runs."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()

    def add(self, name: str, script: str) -> str:
        """Makes (or replaces) a command of these shell lines; returns its path."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{self.folder}/{name}.calls"\n{script}\n')
        path.chmod(0o755)
        return str(path)

    def calls(self, name: str) -> list[str]:
        """The arguments of each call so far."""
        log = self.folder / f"{name}.calls"
        return log.read_text().splitlines() if log.exists() else []

    def environment(self, **more: str) -> dict[str, str]:
        """Ours, with these commands first on PATH."""
        return {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", **more}


class Barrier:
    """A named pipe. Scripts say that they have come this far, or wait until a test lets them go on."""

    def __init__(self, path: Path):
        self.path = path
        os.mkfifo(path)
        self._handle = os.open(path, os.O_RDWR)  # both ends: opening it never waits

    @property
    def tell(self) -> str:
        """Shell words that say "I am here"."""
        return f'printf x >"{self.path}"'

    @property
    def pause(self) -> str:
        """Shell words that wait for one `release`."""
        return f'dd bs=1 count=1 <"{self.path}" >/dev/null 2>&1'

    def expect(self, times: int = 1) -> None:
        """Waits until `tell` was said so many times."""
        for _ in range(times):
            ready, _, _ = select.select([self._handle], [], [], PATIENCE_S)
            assert ready, f"nothing has come through {self.path.name}"
            os.read(self._handle, 1)

    def release(self, times: int = 1) -> None:
        """Lets so many go on."""
        os.write(self._handle, b"x" * times)

    def close(self) -> None:
        """Removes it."""
        os.close(self._handle)
