"""A site where all is well, to be spoilt in one point at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bosco.approach import Approach, Step
from bosco.batch.condition import Condition, Nodes, Rehearsal
from bosco.batch.facts import BatchFacts, Limits, Queue, Records
from bosco.batch.model import Listing
from bosco.capabilities import Folder, LoginFacts, Noise
from bosco.examined import Examination, Listed
from bosco.look import Look
from hosted_ce.capabilities.wanted import RouteWants, Wanted
from hosted_ce.checks.judges.facts import Facts, Strangers
from hosted_ce.routing.model import Ask

LOGIN = "login.example.edu:22"
ASK = Ask(
    cpus=8, memory_mb=16_000, walltime_s=86_400, queue="osg", account=None, qos=None, gpus=0,
    whole_node=False, extra=(), base_environment={}, environment={},
)  # fmt: skip
WAY = Approach(
    LOGIN, addresses=("192.0.2.7",), server="SSH-2.0-OpenSSH_9.2", python="3.9.18", key_mode=0o600,
    seconds=dict.fromkeys(Step, 0.1),
)  # fmt: skip
HOME = Folder("/home/osg01", writable=True)
SPOOL = Folder(
    "/home/osg01/hosted-ce", writable=True, read_only=False, noexec=False, free_bytes=2**40, free_inodes=10**6
)
NODE = LoginFacts(
    host="login", user="osg01", python="/usr/bin/python3", python_version="3.9.18",
    tools={"sbatch": "/usr/bin/sbatch"}, home=HOME, spool=SPOOL, locale={}, clock_offset_s=0.1,
    clock_error_s=0.05, noise=Noise(0, ""), sessions=True, quotas=(),
)  # fmt: skip
BATCH = BatchFacts(
    "Slurm", "23.11.4", queues=(Queue("osg", open=True, usable=True, limits=Limits(walltime_s=259_200)),),
    default_queue="osg", records=Records.ON, remembers_s=300,
)  # fmt: skip
LOOK = Look(
    os={"ID": "almalinux", "VERSION_ID": "9.4"}, kernel="5.14.0", machine="x86_64",
    libc="glibc 2.34", uid=1001, groups=("osg",), umask=0o022, open_files=1024,
    processes=4096, tasks=None, memory=None, load=0.5, cpus=16, home_runs=True, spool_runs=True,
    open_to_others=(), locale_problem=None, stamps=("hq3vz5xk2m7wdae",),
)  # fmt: skip
CONDITION = Condition(other_jobs=(), nodes={"osg": Nodes(10, 10)}, kill_wait_s=120)
KNOWN = Examination(
    NODE, BATCH, LOOK, Listed(Listing((), complete=True), 0.1), CONDITION,
    {"main": Rehearsal(taken=True, said="Job 7 to start now")},
)  # fmt: skip
WELL = Facts(Wanted(30.0, 100, (RouteWants("main", ASK),)), (WAY,), KNOWN, strangers=Strangers())


def known(**other: Any) -> Facts:
    """With another part of the examination."""
    return replace(WELL, known=replace(KNOWN, **other))


def at_login(**other: Any) -> Facts:
    """With other facts of the login node."""
    return known(login=replace(NODE, **other))


def at_batch(**other: Any) -> Facts:
    """With other facts of the batch system."""
    return known(batch=replace(BATCH, **other))


def seen(**other: Any) -> Facts:
    """With another look."""
    return known(look=replace(LOOK, **other))


def asking(**other: Any) -> Facts:
    """With another request of the route."""
    return replace(WELL, wanted=Wanted(30.0, 100, (RouteWants("main", replace(ASK, **other)),)))


def stopped(step: Step, said: str) -> Facts:
    """Where we did not get further."""
    return replace(WELL, approaches=(replace(WAY, failed=step, said=said),), known=Examination())
