"""Which process is our condor_master: its number and when it began, so that no other is taken for it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MASTER = "condor_master"


def write(path: Path, pid: int) -> None:
    """Notes that this process, which lives, is the master."""
    path.write_text(f"{pid} {_began(pid)}\n", encoding="ascii")
    path.chmod(0o600)


def read(path: Path) -> int | None:
    """The master's pid; None if it does not live any more, or if that number is another process now."""
    try:
        pid, began = path.read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    alive = began == _began(int(pid)) and _command(int(pid)) == MASTER
    return int(pid) if alive else None


def remove(path: Path) -> None:
    """Forgets it."""
    with suppress(FileNotFoundError):
        path.unlink()


def _began(pid: int) -> str:
    """When the process began, in ticks since the machine did; empty if there is none, or only its remains."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _command(pid: int) -> str:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/comm").read_bytes()).strip()
    except OSError:
        return ""
