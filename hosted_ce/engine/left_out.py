"""Which nodes the attempts of one cluster leave out: those that are avoided, unless the site refuses that.

A batch system may refuse for good a request that leaves nodes out: one of them is no longer known there, or
they are all that the route's partition has. Then the route's next attempts leave none out for a while. If the
site refuses those as well, the nodes were not the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from bosco.errors import Failed
from hosted_ce.engine.ports import Clock

log = structlog.get_logger(__name__)
REST_S = 3600.0
"""How long a route leaves no nodes out after that was refused, unless other nodes are avoided then."""


class _Refused(NamedTuple):
    nodes: tuple[str, ...]
    until: float
    said: str


class LeftOut:
    """Of one cluster. `avoided` gives the nodes that are avoided there now."""

    def __init__(self, now: Clock, avoided: Callable[[], Sequence[str]] = tuple):
        self._now, self._avoided = now, avoided
        self._refused: dict[str, _Refused] = {}

    def of(self, route: str) -> tuple[str, ...]:
        """What the next attempt of the route leaves out."""
        nodes = tuple(self._avoided())
        return () if self._rests(route, nodes) else nodes

    def refused(self, route: str, nodes: Sequence[str], error: Failed) -> bool:
        """The site refused an attempt for good that left these nodes out; whether they may be the reason.

        An attempt that left none out shows that another one's were not.
        """
        if not nodes:
            self._refused.pop(route, None)
        elif tuple(nodes) == tuple(self._avoided()):
            log.warning("refused, with nodes left out", route=route, nodes=list(nodes), problem=str(error))
            self._refused[route] = _Refused(tuple(nodes), self._now() + REST_S, str(error))
        return bool(nodes)

    def problem(self, route: str) -> str | None:
        """That nodes are avoided, and the route's attempts leave none out; None: they do as they should."""
        refused = self._refused.get(route)
        if refused is None or not self._rests(route, tuple(self._avoided())):
            return None
        return (
            f"route {route} goes to avoided nodes, since the site refuses to leave them out: {refused.said}"
        )

    def _rests(self, route: str, nodes: tuple[str, ...]) -> bool:
        refused = self._refused.get(route)
        return refused is not None and refused.nodes == nodes and self._now() < refused.until
