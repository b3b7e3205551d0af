"""The text of slurm.conf and slurmdbd.conf (Slurm 22.05 as in Debian 12)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.options import LabOptions

NODE = "node01"
"""The compute node."""
AWAY = "node02"
"""Another one, which Slurm knows and which never comes up."""

_DEVICES = ("/dev/null", "/dev/zero")

CGROUP_CONF = "CgroupPlugin=cgroup/v1\n"
"""Nothing of the lab uses cgroups, and slurmd would not start in a container that lacks them."""


@dataclass(frozen=True)
class SlurmPorts:
    """The TCP ports of Slurm's daemons.

    They listen on every interface: Slurm can only be bound to what the host's name resolves to, which need
    not be loopback. Whoever lacks the lab's munge key is refused.
    """

    controller: int
    node: int
    dbd: int


def slurm_conf(options: LabOptions, *, folder: Path, munge: Path, ports: SlurmPorts, hostname: str) -> str:
    """One node with pretended CPUs and two partitions; jobs start as soon as there is room."""
    nodes = f"{NODE},{AWAY}" if options.second_node else NODE
    lines = [
        "ClusterName=lab",
        f"SlurmctldHost={hostname}(127.0.0.1)",
        f"SlurmctldPort={ports.controller}",
        f"SlurmdPort={ports.node}",
        "SlurmUser=root",
        "SlurmdUser=root",
        "AuthType=auth/munge",
        f"AuthInfo=socket={munge}",
        "CredType=cred/munge",
        "MpiDefault=none",
        "ProctrackType=proctrack/linuxproc",  # ends what a job detached, which process groups would miss
        "TaskPlugin=task/none",
        "SwitchType=switch/none",
        "JobAcctGatherType=jobacct_gather/none",
        "JobCompType=jobcomp/none",
        "PriorityType=priority/basic",
        "PropagateResourceLimits=NONE",
        "SelectType=select/cons_tres",
        "SelectTypeParameters=CR_CPU_Memory",
        "SchedulerType=sched/backfill",
        "SchedulerParameters=sched_interval=1,bf_interval=1,default_queue_depth=1000,batch_sched_delay=0",
        "SlurmdParameters=config_overrides",  # believe CPUs= and RealMemory= rather than the hardware
        "ReturnToService=2",
        "InactiveLimit=0",
        "KillWait=5",
        f"MinJobAge={options.min_job_age}",
        "MaxJobCount=20000",
        f"StateSaveLocation={folder / 'state'}",
        f"SlurmdSpoolDir={folder / 'spool'}",
        f"SlurmctldPidFile={folder / 'slurmctld.pid'}",
        f"SlurmdPidFile={folder / 'slurmd.pid'}",
        *_accounting(options, munge, ports),
        *(["GresTypes=gpu", "AccountingStorageTRES=gres/gpu,gres/gpu:a100"] if options.gpus else []),
        f"NodeName={NODE} NodeHostname={hostname} NodeAddr=127.0.0.1 CPUs={options.cpus} Boards=1"
        f" SocketsPerBoard=1 CoresPerSocket={options.cpus} ThreadsPerCore=1 RealMemory=4000000"
        f"{f' Gres=gpu:a100:{options.gpus}' if options.gpus else ''} State=UNKNOWN",
        *_away(options),
        f"PartitionName=batch Nodes={nodes} Default=YES MaxTime=3-00:00:00 State=UP DefMemPerCPU=1",
        f"PartitionName=short Nodes={NODE} Default=NO MaxTime=00:30:00 State=UP DefMemPerCPU=1",
        *options.slurm_conf_lines,
    ]
    return "\n".join(lines) + "\n"


def gres_conf(options: LabOptions) -> str:
    """The pretended GPUs: slurmd wants a device file for each."""
    return "".join(f"Name=gpu Type=a100 File={device}\n" for device in _DEVICES[: options.gpus])


def slurmdbd_conf(*, folder: Path, munge: Path, ports: SlurmPorts) -> str:
    """Accounting kept in the lab's MariaDB."""
    lines = [
        "AuthType=auth/munge",
        f"AuthInfo=socket={munge}",
        "DbdHost=localhost",
        f"DbdPort={ports.dbd}",
        "SlurmUser=root",
        f"PidFile={folder / 'slurmdbd.pid'}",
        "StorageType=accounting_storage/mysql",
        "StorageHost=localhost",
        "StorageUser=root",
        "StorageLoc=slurm_acct_db",
    ]
    return "\n".join(lines) + "\n"


def _away(options: LabOptions) -> list[str]:
    line = f"NodeName={AWAY} NodeAddr=127.0.0.1 Port=1 CPUs={options.cpus} RealMemory=4000000 State=DOWN"
    return [line] if options.second_node else []


def _accounting(options: LabOptions, munge: Path, ports: SlurmPorts) -> list[str]:
    if not options.accounting:
        return ["AccountingStorageType=accounting_storage/none"]
    return [
        "AccountingStorageType=accounting_storage/slurmdbd",
        "AccountingStorageHost=127.0.0.1",
        f"AccountingStoragePort={ports.dbd}",
        f"AccountingStoragePass={munge}",  # slurmdbd's clients look for munged's socket here, not in AuthInfo
    ]
