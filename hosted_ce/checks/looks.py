"""Which worker nodes are looked at, and by which routes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hosted_ce.checks.run import Asked

MOST = 40
"""Jobs of one run."""


@dataclass(frozen=True, slots=True)
class Way:
    """A route by which jobs may be sent, or not (`open`), and the nodes that they can get to, if known."""

    route: str
    open: bool = True
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """A job of a route; `node` None: on any node that the batch system likes."""

    route: str
    node: str | None = None


def planned(asked: Asked, ways: Sequence[Way], seen: Mapping[str, float]) -> tuple[Look, ...]:
    """The jobs to send. `seen`: when nodes were looked at, in any order that grows.

    Nodes that are asked for go by the first route that is known to get there, else by the first. A sample
    takes nodes that were not looked at for the longest, each once.
    """
    usable = [way for way in ways if way.open]
    if not usable:
        return ()
    if asked.nodes:
        return tuple(Look(_route_to(node, usable), node) for node in asked.nodes)[:MOST]
    return tuple(_sampled(asked.sample, usable, seen))[:MOST]


def _route_to(node: str, usable: Sequence[Way]) -> str:
    return next((way.route for way in usable if node in way.nodes), usable[0].route)


def _sampled(sample: int, usable: Sequence[Way], seen: Mapping[str, float]) -> Iterator[Look]:
    taken: set[str] = set()
    for way in usable:
        free = sorted(set(way.nodes) - taken, key=lambda node: (seen.get(node, 0.0), node))
        if not sample or not way.nodes:
            yield Look(way.route)
            continue
        for node in free[:sample]:
            taken.add(node)
            yield Look(way.route, node)
