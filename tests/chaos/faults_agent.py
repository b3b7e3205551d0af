"""What breaks at the login node, beneath our agent."""

from __future__ import annotations

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
)
