"""`scontrol show config` and `scontrol show partition`: what the site is."""

from __future__ import annotations

import time

from . import clock
from .arguments import Grammar, UsageError
from .cli import VERSION
from .columns import emit
from .errors import Refused
from .site import PARTITIONS, Partition, Site, site
from .units import duration

_GRAMMAR = Grammar({"all": "a", "oneliner": "o"})
_ANY = "AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL AllocNodes=ALL"
_PLAIN = "RootOnly=NO State=UP MaxCPUsPerNode=UNLIMITED MaxMemPerNode=UNLIMITED"


def main(arguments: list[str]) -> int:
    """Shows one of the two; it knows nothing else."""
    try:
        given = _GRAMMAR.parse(arguments)
    except UsageError as problem:
        raise Refused(f"scontrol: {problem}") from None
    here = site()
    match given.operands:
        case ["show", "config"]:
            emit(_config(here))
        case ["show", "partition" | "partitions"]:
            emit([_partition(partition, here) for partition in PARTITIONS])
        case _:
            raise Refused(f"invalid entity:{' '.join(given.operands)} for keyword:show")
    return 0


def _config(here: Site) -> list[str]:
    known = {
        "AccountingStorageEnforce": "none",
        "AccountingStorageType": "accounting_storage/slurmdbd",
        "ClusterName": "minislurm",
        "KillWait": f"{here.kill_wait_s:.0f} sec",
        "MinJobAge": f"{here.min_job_age_s:.0f} sec",
        "SLURM_VERSION": VERSION.removeprefix("slurm "),
    }
    lines = [f"{name:<23} = {value}" for name, value in known.items()]
    return [f"Configuration data as of {clock.written(time.time(), '')}", *lines]


def _partition(partition: Partition, here: Site) -> str:
    return (
        f"PartitionName={partition.name} {_ANY} Default={'YES' if partition.default else 'NO'} "
        f"MaxTime={duration(partition.limit_minutes * 60)} Nodes={here.node} {_PLAIN} "
        f"TotalCPUs={here.cpus} TotalNodes=1"
    )
