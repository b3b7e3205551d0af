"""What the conformance suite needs of a cluster: real, a stand-in or in memory."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol

from hosted_ce.engine.ports import Site


class Ability(StrEnum):
    """What a batch system, or its stand-in, can be asked to show. A test of what it cannot is skipped."""

    PROGRAMS = "it runs programs"
    WALLTIME = "it ends jobs at their walltime, and says so"
    MEMORY = "it ends jobs that use more memory than they asked for, and says so"
    ACCOUNTING = "it keeps records of jobs that it lists no more"
    GENTLE = "it can ask a running job to end"
    HOLD = "its administrator can hold a job that waits"
    RECORDS = "what a job writes down of its start is known while it runs"
    CROWD = "hundreds of jobs are worth the time"
    OUTAGE = "it can be stopped and started again"
    LEFT_OUT = "a job can ask not to run on a node"
    PINNED = "a job can ask to run on one node"
    REFUSAL = "it refuses a queue that it does not have"


class Bench(Protocol):
    """One cluster as its administrator has it. Nobody else uses it."""

    system: str
    """The batch system's name in the registry."""
    abilities: Collection[Ability]
    cpus: int
    """CPUs of its only node: a job that asks for all of them waits until it is alone."""
    crowd: int
    """How many jobs are a `CROWD`."""
    least_walltime_s: int
    """The shortest walltime that it can be asked for."""
    lists_ended_s: float
    """After how long, at most, it has forgotten an ended job in its listings; 0: at once."""
    other_node: str
    """The name of a node that a job may leave out, and which is not its only node."""
    queue: str | None
    """The queue to submit to; None: it has a default."""
    scratch: str | None
    """The folder on the node where pilots are to run; None: in the spool."""

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own, as the daemon has one, closed at the end."""

    async def pause(self) -> float:
        """Lets a little time pass at the site; returns how much, in seconds."""

    def hold(self, batch_id: str) -> None:
        """The administrator holds a job that waits."""

    def release(self, batch_id: str) -> None:
        """The administrator releases it."""

    def stop(self) -> None:
        """The batch system is away: its commands fail. Jobs go on."""

    def start(self) -> None:
        """It is back."""
