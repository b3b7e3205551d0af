"""A verification of two routes: one with something of everything, one with too few runs."""

from __future__ import annotations

from collections.abc import Sequence

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.facts import (
    Ended,
    Inventory,
    Measure,
    NodeKind,
    Pair,
    Resource,
    RouteFacts,
    Shape,
)
from hosted_ce.verification.report import RouteReport, report

NODES = Inventory((NodeKind(None, 10, 36, 192_000, 0),))


def large(queue: str) -> RouteFacts:
    """Pilots that asked for 8 cores and got 4, in this queue; a fifth of them ended for memory."""
    return RouteFacts(
        "large", "hpc", 100, 3600.0 * 800, 3,
        pairs={Resource.CORES: [Pair(8, 4, 100, 1.0)], Resource.QUEUE: [Pair("osg", queue, 100, 1.0)]},
        shares={Measure.CORES: {30: 100}, Measure.MEMORY: {60: 100}},
        shapes=[Shape(8, 16_000, 0, 100, 1.0)],
        ends=[Ended(EndClass.NORMAL, None, 80, 1.0), Ended(EndClass.MEMORY, "n<1>", 20, 7200.0)],
    )  # fmt: skip


class Verified:
    """Answers so, and remembers of how long it was asked."""

    def __init__(self, queue: str = "long"):
        self._queue, self.asked = queue, 0.0

    async def reports(self, seconds: float) -> Sequence[RouteReport]:
        self.asked = seconds
        return [
            report(large(self._queue), NODES),
            report(RouteFacts("any", "old", 3), Inventory(None, "away")),
        ]
