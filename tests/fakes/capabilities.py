"""What a probe of an ordinary site finds."""

from __future__ import annotations

from typing import Any

from bosco.batch.facts import BatchFacts, Limits, Queue, Records
from bosco.capabilities import Capabilities, Folder, LoginFacts, Noise

GIB = 2**30
TOOLS = {name: f"/usr/bin/{name}" for name in ("sbatch", "squeue", "scancel")}
BATCH = BatchFacts(
    name="Slurm", version="22.05.8", default_queue="batch", records=Records.ON, remembers_s=300,
    queues=(
        Queue("batch", True, True, None, Limits(259200, 256_000, 64, 0)),
        Queue("short", True, True, None, Limits(1800, 256_000, 64, 0)),
    ),
)  # fmt: skip


def folder(path: str = "/home/osg01", **changed: Any) -> Folder:
    """A folder with room."""
    known: dict[str, Any] = {
        "writable": True, "read_only": False, "noexec": False, "free_bytes": 100 * GIB, "free_inodes": 10**6
    }  # fmt: skip
    return Folder(path, **{**known, **changed})


def login(**changed: Any) -> LoginFacts:
    """A login node where all is well."""
    known: dict[str, Any] = {
        "host": "login1", "user": "osg01", "python": "/usr/bin/python3", "python_version": "3.6.8",
        "tools": TOOLS, "home": folder(), "spool": folder("/home/osg01/hosted-ce"),
        "locale": {"LANG": "C.UTF-8"}, "clock_offset_s": 0.25, "clock_error_s": 0.125,
        "noise": Noise(0, ""), "quotas": (), "sessions": True,
    }  # fmt: skip
    return LoginFacts(**{**known, **changed})


def capabilities(batch: BatchFacts = BATCH, **changed: Any) -> Capabilities:
    """All of it; `changed` is of the login node."""
    return Capabilities("slurm", batch, login(**changed), commands=6, took_s=0.5)
