"""`sinfo`: the partitions and the one node."""

from __future__ import annotations

from typing import NamedTuple

from . import store, wake
from .arguments import Grammar, UsageError
from .columns import Field, Formats, show
from .errors import Refused
from .job import State
from .site import PARTITIONS, Partition, Site, site
from .units import duration

_GRAMMAR = Grammar(
    {"noheader": "h", "all": "a", "exact": "e", "Node": "N", "partition=": "p", "format=": "o"}
)
_COMPACT = {"idle": "idle", "mixed": "mix", "allocated": "alloc"}
_DEFAULT = "%9P %.5a %.10l %.6D %.6t %N"


class _Row(NamedTuple):
    partition: Partition
    site: Site
    busy: int

    @property
    def state(self) -> str:
        if not self.busy:
            return "idle"
        return "mixed" if self.busy < self.site.cpus else "allocated"


_FIELDS = {
    "starred": Field[_Row]("PARTITION", lambda row: row.partition.name + "*" * row.partition.default),
    "name": Field[_Row]("PARTITION", lambda row: row.partition.name),
    "available": Field[_Row]("AVAIL", lambda _: "up"),
    "limit": Field[_Row]("TIMELIMIT", lambda row: duration(row.partition.limit_minutes * 60)),
    "nodes": Field[_Row]("NODES", lambda _: "1"),
    "state": Field[_Row]("STATE", lambda row: row.state),
    "compact": Field[_Row]("STATE", lambda row: _COMPACT[row.state]),
    "list": Field[_Row]("NODELIST", lambda row: row.site.node),
    "cpus": Field[_Row]("CPUS", lambda row: str(row.site.cpus)),
    "memory": Field[_Row]("MEMORY", lambda row: str(row.site.memory_mb)),
    "gres": Field[_Row]("GRES", lambda _: "(null)"),
    "use": Field[_Row](
        "CPUS(A/I/O/T)", lambda row: f"{row.busy}/{row.site.cpus - row.busy}/0/{row.site.cpus}"
    ),
}
_LETTERS = {
    "P": "starred",
    "R": "name",
    "a": "available",
    "l": "limit",
    "D": "nodes",
    "T": "state",
    "t": "compact",
    "N": "list",
    "c": "cpus",
    "m": "memory",
    "G": "gres",
    "C": "use",
}


def main(arguments: list[str]) -> int:
    """Lists the partitions, or those asked for; unknown ones are no error."""
    try:
        options = _GRAMMAR.parse(arguments).last()
    except UsageError as problem:
        raise Refused(f"sinfo: {problem}", 'Try "sinfo --help" for more information') from None
    here = site()
    with store.opened(here.folder) as jobs:
        wake.ensure_controller(here.folder, jobs)
        busy = sum(job.cpus for job in jobs.live() if job.state != State.PENDING)
    wanted = options.get("partition", "").split(",") if "partition" in options else None
    rows = [_Row(p, here, busy) for p in PARTITIONS if wanted is None or p.name in wanted]
    layout = Formats("sinfo", _FIELDS, _LETTERS).short(options.get("format", _DEFAULT))
    show(layout, rows, header="noheader" not in options)
    return 0
