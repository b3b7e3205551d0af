"""`when:` of routes made from [Pilot] sections: by what the pilots of each section bring along.

A factory's entry for a section sends its queue (BatchQueue), GPUs (RequestGPUs), whole nodes (WantWholeNode),
cores (xcount), memory (maxMemory) and walltime (maxWallTime). Only what tells sections apart is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from hosted_ce.site_import.facts import PilotKind

_Part = Callable[[PilotKind], str]


def _queue(kind: PilotKind) -> str:
    return f'(BatchQueue ?: queue) =?= "{kind.queue}"' if kind.queue else '(BatchQueue ?: queue ?: "") == ""'


def _gpus(kind: PilotKind) -> str:
    return "(RequestGPUs ?: 0) > 0" if kind.gpus else "(RequestGPUs ?: 0) == 0"


def _whole_node(kind: PilotKind) -> str:
    return "WantWholeNode =?= true" if kind.whole_node else "WantWholeNode =!= true"


def _exactly(name: str, value: Callable[[PilotKind], int | None]) -> _Part:
    def part(kind: PilotKind) -> str:
        number = value(kind)
        return f"{name} =?= {number}" if number is not None else f"{name} =?= undefined"

    return part


_PARTS: tuple[_Part, ...] = (
    _gpus,
    _whole_node,
    _queue,
    _exactly("xcount", lambda kind: kind.cpus),
    _exactly("maxMemory", lambda kind: kind.memory),
    _exactly("maxWallTime", lambda kind: kind.walltime),
    _exactly("RequestGPUs", lambda kind: kind.gpus),
)


def conditions(kinds: Sequence[PilotKind]) -> list[str | None]:
    """An expression for each section, None where it is alone. Equal ones bring the same pilots."""
    groups: dict[tuple[str, ...], list[int]] = {(): list(range(len(kinds)))}
    for part in _PARTS:
        parted: dict[tuple[str, ...], list[int]] = {}
        for told, members in groups.items():
            differs = len(Counter(part(kinds[index]) for index in members)) > 1
            for index in members:
                parted.setdefault((*told, part(kinds[index])) if differs else told, []).append(index)
        groups = parted
    found: list[str | None] = [None] * len(kinds)
    for told, members in groups.items():
        for index in members:
            found[index] = " && ".join(told) or None
    return found
