"""One of several Slurm clusters that a login node's commands serve, in a federation or not: it is named.

Without a name Slurm's commands go to the login node's own cluster; in a federation, sbatch gives a job to any
of them, and the one where it was submitted calls it REVOKED as soon as another one has started it.
"""

from __future__ import annotations

from typing import TypeVar

from bosco.batch.protocol import Command, Dialogue

TRACKED_ONLY = "4294967294"
"""The id in rows about jobs that another cluster of the federation has started: no job has it."""
_COMMANDS = frozenset({"sbatch", "squeue", "sacct", "scancel", "scontrol", "sinfo"})
T = TypeVar("T")


def named(cluster: str | None, argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command for this cluster; None: for the login node's own."""
    if cluster is None:
        return argv
    if argv[0] == "sacctmgr":
        return (*argv, f"cluster={cluster}")
    return (argv[0], f"--clusters={cluster}", *argv[1:]) if argv[0] in _COMMANDS else argv


def at(cluster: str | None, dialogue: Dialogue[T]) -> Dialogue[T]:
    """The same, with each command for this cluster."""
    try:
        command = next(dialogue)
        while True:
            argv = named(cluster, command.argv)
            command = dialogue.send((yield Command(argv, command.environment)))
    except StopIteration as end:
        made: T = end.value
        return made


def cluster_of(batch: object) -> str | None:
    """The one that a codec's commands are for."""
    cluster: str | None = getattr(batch, "cluster", None)
    return cluster
