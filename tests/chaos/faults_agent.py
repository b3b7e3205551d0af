"""What breaks at the login node, beneath our agent."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable

from tests.chaos.fault import Fault, Inject
from tests.chaos.world import World
from tests.e2e.lab import process


def killed(world: World) -> int:
    """SIGKILL at random moments."""
    done = 0
    for _ in range(8):
        world.pause(1.0)
        for pid in world.agents():
            process.kill(pid)
            done += 1
    return done


def _at_sbatch(mode: Callable[[World], str], times: int = 4) -> Inject:
    def inject(world: World) -> int:
        return sum(world.shims.once("sbatch", mode(world), 12) for _ in range(times))

    return inject


def full(world: World) -> int:
    """No space in the spool. Jobs that begin meanwhile cannot write: they end with an error, truly."""
    for _ in range(2):
        world.pause(2)
        with world.spool.full():
            world.pause(3, 1)
    return 2


def without_inodes(world: World) -> int:
    """A quota of files is used up."""
    for _ in range(2):
        world.pause(2)
        with world.spool.without_inodes():
            world.pause(3, 1)
    return 2


def read_only(world: World) -> int:
    """The spool's file system became read-only; so it does after errors of its disk."""
    done = 0
    for _ in range(3):
        world.pause(2)
        done += world.while_read_only(2.0)
    return done


def wiped(world: World) -> int:
    """An administrator cleans up: folders of waiting, running and ended pilots are gone; we are told."""
    for _ in range(2):
        world.pause(3, 1)
        world.spool.wipe()
        world.pause(3, 1)
        world.operator("site", "accept-spool", "lab")
        world.pause(2, 1)
    return 2


def wiped_under_way(world: World) -> int:
    """The folders of pilots are removed while sbatch is at it: before Slurm took the job, or after."""
    done = 0
    for mode in ("slow 3", "answers-late 3"):
        if world.shims.once("sbatch", mode, 12):
            done += 1
            _emptied(world)
            if world.dice.random() < 0.5:
                world.lab.sshd.kill_sessions()
        world.operator("site", "accept-spool", "lab")
        world.pause(2, 1)
    return done


def wiped_before_late_requests(world: World) -> int:
    """An agent is stopped with requests before it. The CE asks again over another connection.

    Then the folders are removed, and the first agent goes on.
    """
    done = 0
    for _ in range(3):
        world.pause(1)
        stopped = world.agents()
        _signal(stopped, signal.SIGSTOP)
        world.pause(1.5, 1)
        world.proxy.cut()
        world.pause(2.5, 1)
        _emptied(world)
        _signal(stopped, signal.SIGCONT)
        done += len(stopped)
        world.pause(1)
        world.operator("site", "accept-spool", "lab")
    return done


def _emptied(world: World) -> None:
    """As `rm -rf pilots/*`: what is sent again may find inputs there, and a place for its folder."""
    for folder in (world.spool.folder / "pilots").glob("*"):
        shutil.rmtree(folder, ignore_errors=True)


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


FAULTS = (
    Fault("agent: killed at random", killed),
    Fault("agent: killed after the claim, before sbatch", _at_sbatch(lambda _: "kill-agent-before")),
    Fault("agent: killed between sbatch and ledger", _at_sbatch(lambda _: "kill-agent-after")),
    Fault(
        "agent: killed around ledger and reply",
        _at_sbatch(lambda world: f"kill-agent-soon {world.dice.uniform(0, 0.03):.4f}", 6),
    ),
    Fault("agent: spool full", full, pilots_for=8, deadly=True, outputs_lost=True),
    Fault("agent: no inodes left", without_inodes, pilots_for=8, deadly=True, outputs_lost=True),
    Fault("agent: spool read-only", read_only, pilots_for=8, deadly=True, outputs_lost=True),
    Fault("agent: spool wiped", wiped, pilots_for=8, deadly=True, outputs_lost=True),
    Fault(
        "agent: spool wiped while sbatch is at it",
        wiped_under_way,
        pilots_for=10,
        deadly=True,
        outputs_lost=True,
    ),
    Fault(
        "agent: spool wiped, late requests",
        wiped_before_late_requests,
        pilots_for=12,
        deadly=True,
        outputs_lost=True,
    ),
)
