"""pbsnodes -a: which nodes there are, of OpenPBS and of Torque. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from bosco.batch.asking import number, settings
from bosco.batch.facts import NodeShape
from bosco.batch.pbs.units import memory_mb

COMMAND = ("pbsnodes", "-a")
_AWAY = {"down", "offline", "unknown", "stale", "provisioning", "sleep", "maintenance"}
"""States in which a node takes no job."""
_CORES, _RANGE = re.compile(r"([\d,-]+)/[^,\s]+"), re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


def shapes(text: str) -> tuple[NodeShape, ...]:
    """A block for each node: its name, and below it `name = value` with blanks before. Those alike together.

    A node that is for one queue says so; others can be had in any.
    """
    found: Counter[tuple[str | None, int, int | None, int]] = Counter()
    idle: Counter[tuple[str | None, int, int | None, int]] = Counter()
    for said in by_name(text).values():
        cpus = number(said.get("resources_available.ncpus")) or number(said.get("np"))
        if cpus is None:
            continue
        kind = queue_of(said), cpus, _memory(said), _gpus(said)
        found[kind] += 1
        idle[kind] += 0 if is_away(said) else max(0, cpus - _used(said))
    return tuple(
        NodeShape(queue, nodes, cpus, memory, gpus, idle[queue, cpus, memory, gpus])
        for (queue, cpus, memory, gpus), nodes in found.items()
    )


def by_name(text: str) -> Mapping[str, Mapping[str, str]]:
    """What is said of each node."""
    blocks = (block.strip("\n").partition("\n") for block in re.split(r"\n\s*\n", text))
    return {name.strip(): dict(settings(rest)) for name, _, rest in blocks if name.strip()}


def is_away(said: Mapping[str, str]) -> bool:
    """Whether it takes no job, however many it has."""
    return bool(_AWAY & set(re.split(r"[,-]", said.get("state", ""))))


def queue_of(said: Mapping[str, str]) -> str | None:
    """The only queue whose jobs it runs; None: any queue's."""
    return said.get("queue") or said.get("resources_available.Qlist")


def is_for(own: str | None, queue: str, queues: Collection[str]) -> bool:
    """Whether a node whose `queue_of` is `own` runs jobs of the queue, as far as all queues' names tell.

    `Qlist` is a site's own resource: its values need be no queues' names.
    """
    return own == queue or own not in queues


def _memory(said: Mapping[str, str]) -> int | None:
    """Torque has it among what the node's daemon reported."""
    return memory_mb(said.get("resources_available.mem") or reported(said).get("physmem"))


def _gpus(said: Mapping[str, str]) -> int:
    return number(said.get("resources_available.ngpus")) or number(said.get("gpus")) or 0


def _used(said: Mapping[str, str]) -> int:
    """OpenPBS counts cores; Torque lists which are whose: `0-3,6/7.pbs1, 4/8.pbs1`."""
    assigned = number(said.get("resources_assigned.ncpus"))
    if assigned is not None:
        return assigned
    places = (_RANGE.findall(cores) for cores in _CORES.findall(said.get("jobs", "")))
    return sum(int(last or first) - int(first) + 1 for cores in places for first, last in cores)


def reported(said: Mapping[str, str]) -> Mapping[str, str]:
    """What Torque's daemon on the node told last, and when (`rectime`, by the server's clock)."""
    return dict(part.partition("=")[::2] for part in said.get("status", "").split(","))
