"""What breaks in the batch system, or is done there by an administrator."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.chaos.fault import Fault, Inject
from tests.chaos.world import World

NODE = "node01"


def controller_down(world: World) -> int:
    """slurmctld is away for a while, twice."""
    for _ in range(2):
        world.pause(2)
        world.lab.slurm.stop_controller()
        world.pause(8, 2)
        world.lab.slurm.start_controller()
    return 2


def dbd_down(world: World) -> int:
    """slurmdbd is away, while answers of sbatch are lost."""
    world.lab.slurm.stop_dbd()
    try:
        lost = sum(world.shims.once("sbatch", "unsure-yet-taken", 10) for _ in range(2))
        world.pause(6, 4)
    finally:
        world.lab.slurm.start_dbd()
    return 1 + lost


def _sbatch(mode: str, times: int = 3) -> Inject:
    return lambda world: sum(world.shims.once("sbatch", mode, 30) for _ in range(times))


def _query(name: str, mode: str) -> Inject:
    def inject(world: World) -> int:
        before = world.shims.fired(name)
        for _ in range(2):
            world.pause(2)
            with world.shims.misbehaving(name, mode):
                # A claim without a job is what accounting is asked for.
                world.shims.once("sbatch", "kill-agent-before" if name == "sacct" else "unsure-yet-taken", 4)
                world.pause(8, 5)
        return world.shims.fired(name) - before

    return inject


def requeued(world: World) -> int:
    """An administrator puts running jobs back to the queue: each runs again, from its start."""
    done = 0
    for job_id in _some_running(world, 6):
        world.lab.slurm.command("scontrol", "update", f"JobId={job_id}", "Requeue=1")
        done += world.lab.slurm.command("scontrol", "requeue", job_id).returncode == 0
    # Slurm lets a requeued job wait for two minutes.
    for job in world.batch_jobs():
        if job["state"] == "PENDING":
            world.lab.slurm.command("scontrol", "update", f"JobId={job['id']}", "StartTime=now")
    return done


def preempted(world: World) -> int:
    """More important jobs take the whole node."""
    done = 0
    for _ in range(2):
        done += len(_some_running(world, 100))
        world.lab.slurm.command(
            "sbatch", "-p", "urgent", "--exclusive", "-o", "/dev/null", "--wrap", "sleep 2"
        )
        world.pause(4, 3)
    return done


def cancelled(world: World) -> int:
    """scancel, by the administrator."""
    running = _some_running(world, 4)
    for job_id in running:
        world.lab.slurm.command("scancel", job_id)
    return len(running)


def node_failed(world: World) -> int:
    """The only node is down; then it is back."""
    done = len(_some_running(world, 100))
    world.lab.slurm.command("scontrol", "update", f"NodeName={NODE}", "State=DOWN", "Reason=chaos")
    world.pause(5, 3)
    world.lab.slurm.command("scontrol", "update", f"NodeName={NODE}", "State=RESUME")
    return done


def forgotten_and_recycled(world: World) -> int:
    """Ended jobs leave squeue at once, and their ids are given again soon."""
    ids = [int(job["id"]) for job in world.batch_jobs()] or [1000]
    with _slurm_conf(world, "MinJobAge=2", f"MaxJobId={max(1010, min(ids) + 8)}"):
        world.pause(25, 20)
    return 1


@contextlib.contextmanager
def _slurm_conf(world: World, *lines: str) -> Iterator[None]:
    """Slurm keeps the last of two equal keywords."""
    conf = world.lab.slurm.conf
    text = conf.read_text()
    conf.write_text(text + "\n".join(lines) + "\n")
    _restart(world)
    try:
        yield
    finally:
        conf.write_text(text)
        _restart(world)


def _restart(world: World) -> None:
    world.lab.slurm.stop_controller()
    world.lab.slurm.start_controller()


def _some_running(world: World, most: int) -> list[str]:
    """Ids of running jobs of ours, when there are some."""
    found: list[str] = []
    for _ in range(40):
        found = [job["id"] for job in world.batch_jobs() if job["state"] == "RUNNING"]
        if found:
            break
        world.pause(0.2, 0.2)
    world.dice.shuffle(found)
    return found[:most]


FAULTS = (
    Fault("slurm: slurmctld down", controller_down, pilots_for=12),
    Fault("slurm: slurmdbd down", dbd_down, pilots_for=8),
    Fault("slurm: accounting lags", _query("sacct", "empty"), pilots_for=10),
    Fault("slurm: accounting hangs", _query("sacct", "slow 30"), pilots_for=10),
    Fault("slurm: sbatch says it failed, and did not", _sbatch("unsure-yet-taken", 4), pilots_for=6),
    Fault(
        "slurm: sbatch says there is no controller, and there is", _sbatch("down-yet-taken", 4), pilots_for=6
    ),
    Fault("slurm: sbatch says it failed, unclearly", _sbatch("unsure", 3), pilots_for=6),
    Fault("slurm: sbatch hangs before", _sbatch("hangs", 2), pilots_for=6),
    Fault("slurm: sbatch hangs after", _sbatch("taken-and-hangs", 3), pilots_for=6),
    Fault("slurm: sbatch was ended, the job comes later", _sbatch("taken-late 14", 3), pilots_for=6),
    Fault("slurm: sbatch answers late", _sbatch("answers-late 6", 4), pilots_for=6),
    Fault("slurm: sbatch is chatty", _sbatch("chatty", 5), pilots_for=6),
    Fault("slurm: jobs requeued", requeued, longest=8),
    Fault("slurm: jobs preempted", preempted, deadly=True, pilots_for=8),
    Fault("slurm: jobs cancelled by others", cancelled, deadly=True, longest=8),
    Fault("slurm: node fails", node_failed, deadly=True, pilots_for=8, longest=8),
    Fault("slurm: jobs forgotten at once, ids used again", forgotten_and_recycled, pilots_for=18),
    Fault("slurm: empty listings with exit code 0", _query("squeue", "empty"), pilots_for=10),
    Fault("slurm: listings cut in the middle", _query("squeue", "cut 700"), pilots_for=10),
    Fault("slurm: listings without every second row", _query("squeue", "odd-rows"), pilots_for=10),
    Fault("slurm: listings from the past", _query("squeue", "stale"), pilots_for=10),
    Fault("slurm: squeue fails", _query("squeue", "fails"), pilots_for=10),
    Fault("slurm: squeue is slow", _query("squeue", "slow 4"), pilots_for=10),
)
