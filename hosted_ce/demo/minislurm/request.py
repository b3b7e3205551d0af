"""A job to be: what the options ask for, and whether this site can ever run it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from . import units
from .errors import Refused
from .site import PARTITIONS, Partition, Site

_FAILED = "sbatch: error: Batch job submission failed: "


class Request(NamedTuple):
    """A job to be."""

    name: str
    partition: str
    cpus: int
    limit_minutes: int
    limit_s: float
    account: str
    comment: str | None
    chdir: str
    output: str
    error: str
    append: bool
    """Whether output files that exist are added to."""
    export: str
    memory_mb: int | None
    cpus_per_task: int | None
    ntasks: int | None


def request(options: Mapping[str, str], site: Site, *, default_name: str, cwd: str) -> Request:
    """The job that these checked options describe. Raises Refused when this site cannot run it, ever."""
    partition = _partition(options.get("partition"))
    limit = _limit(options.get("time"), partition)
    _require_one_node(options.get("nodes"))
    output = options.get("output") or "slurm-%j.out"
    memory = units.megabytes(options["mem"]) if "mem" in options else None
    return Request(
        name=options.get("job-name", default_name),
        partition=partition.name,
        cpus=_cpus(options, memory, site),
        limit_minutes=limit,
        limit_s=limit * site.seconds_per_minute,
        account=options.get("account", ""),
        comment=options.get("comment"),
        chdir=options.get("chdir") or cwd,
        output=output,
        error=options.get("error") or output,
        append=options.get("open-mode", "").startswith("a"),
        export=options.get("export") or "ALL",
        memory_mb=memory,
        cpus_per_task=_optional(options.get("cpus-per-task")),
        ntasks=_optional(options.get("ntasks")),
    )


def _partition(name: str | None) -> Partition:
    for partition in PARTITIONS:
        if partition.name == name or (name is None and partition.default):
            return partition
    raise Refused(
        f"sbatch: error: invalid partition specified: {name}", _FAILED + "Invalid partition name specified"
    )


def _limit(text: str | None, partition: Partition) -> int:
    if text is None:
        return partition.limit_minutes
    minutes = units.time_limit(text)
    if 0 < minutes <= partition.limit_minutes:
        return minutes
    raise Refused(_FAILED + "Requested time limit is invalid (missing or exceeds some limit)")


def _require_one_node(text: str | None) -> None:
    if text is not None and int(text.partition("-")[0]) > 1:
        raise Refused(_FAILED + "Node count specification invalid")


def _cpus(options: Mapping[str, str], memory_mb: int | None, site: Site) -> int:
    tasks = int(options.get("ntasks") or options.get("ntasks-per-node") or 1)
    cpus = tasks * int(options.get("cpus-per-task", 1))
    if cpus > site.cpus:
        raise Refused(_FAILED + "More processors requested than permitted")
    if memory_mb is not None and memory_mb > site.memory_mb:
        raise Refused(
            "sbatch: error: Memory specification can not be satisfied",
            _FAILED + "Requested node configuration is not available",
        )
    return site.cpus if "exclusive" in options else cpus


def _optional(text: str | None) -> int | None:
    return None if text is None else int(text)
