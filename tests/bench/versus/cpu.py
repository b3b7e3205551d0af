"""CPU time of a login node's processes, whoever waits for them: by a control group of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.process import LabError, wait_until

_MOUNT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class CpuGroup:
    """What has joined, and all that it begins."""

    folder: Path

    def join(self, pid: int) -> None:
        """The process and its future children are counted from now on."""
        (self.folder / "cgroup.procs").write_text(str(pid))

    def seconds(self) -> float:
        """CPU time so far, of processes that have ended too."""
        old = self.folder / "cpuacct.usage"
        if old.exists():
            return int(old.read_text()) / 1e9
        [microseconds] = [
            line.split()[1]
            for line in (self.folder / "cpu.stat").read_text().splitlines()
            if line.startswith("usage_usec")
        ]
        return int(microseconds) / 1e6


@contextmanager
def cpu_group(label: str) -> Iterator[CpuGroup]:
    """A control group, of either version, for as long as the context lasts; what is in it must end before.

    LabError where none can be made.
    """
    parent = _MOUNT / "cpuacct" if (_MOUNT / "cpuacct").is_dir() else _MOUNT
    folder = parent / f"hosted-ce-bench-{os.getpid()}-{label}"
    try:
        folder.mkdir()
    except OSError as error:
        raise LabError(f"CPU time cannot be counted, no control group can be made: {error}") from None
    try:
        yield CpuGroup(folder)
    finally:
        wait_until(lambda: _removed(folder), f"the end of all in {folder}", 30, every=0.2)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:  # something still ends
        return False
    return True
