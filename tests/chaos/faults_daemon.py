"""What breaks on the CE's own machine."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.fault import Fault
from tests.chaos.world import World

LIBFAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
JUMPS = ("+6h", "-6h", "+40s", "+0s")


def killed(world: World) -> int:
    """kill -9, four times, then a new start."""
    for _ in range(4):
        world.pause(1.5)
        world.ce.kill()
        world.ce.start()
    return 4


def terminated(world: World) -> int:
    """SIGTERM in the middle of things."""
    for _ in range(3):
        world.pause(1.5)
        world.ce.stop()
        world.ce.start()
    return 3


def disk_full(world: World) -> int:
    """No room for SQLite, outputs or logs of it."""
    for _ in range(3):
        world.pause(1.5)
        with world.state.full():
            world.pause(4, 1)
    return 3


def clock_jumps(world: World) -> int:
    """The CE's clock is set forward and back while it runs (libfaketime); clocks of the site are not."""
    if not LIBFAKETIME.exists():
        raise FileNotFoundError(f"{LIBFAKETIME}: install the package libfaketime")
    file = world.truth_file.with_name("clock")
    file.write_text("+0s\n")
    world.ce.kill()
    environment = world.ce.environment
    world.ce.environment = environment | {
        "LD_PRELOAD": str(LIBFAKETIME), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    world.ce.start()
    for jump in JUMPS:
        with_doubt = world.shims.once("sbatch", "taken-late 12", 3)
        world.pause(2)
        file.write_text(f"{jump}\n")
        world.pause(6 if with_doubt else 4, 3)
    world.ce.kill()
    world.ce.environment = environment
    world.ce.start()
    return len(JUMPS)


FAULTS = (
    Fault("daemon: kill -9", killed),
    Fault("daemon: SIGTERM", terminated),
    Fault("daemon: no space for SQLite", disk_full, pilots_for=8),
    Fault("daemon: clock jumps", clock_jumps, pilots_for=16),
)
