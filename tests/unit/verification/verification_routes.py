"""Facts of a route, for tests: a hundred runs that asked for 8 cores and got them, with what is changed."""

from __future__ import annotations

from typing import Any

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

RUNS = 100
CORE_S = 8 * 3600.0 * RUNS
NODES = Inventory((NodeKind("osg", 10, 64, 256_000, 0),))


def pair(asked: Any, granted: Any, runs: int = RUNS) -> Pair:
    return Pair(asked, granted, runs, CORE_S * runs / RUNS)


GOOD: dict[Resource, list[Pair]] = {
    Resource.CORES: [pair(8, 8)], Resource.MEMORY: [pair(16_000, 16_000)],
    Resource.WALLTIME: [pair(259_200, 259_200)], Resource.GPUS: [pair(0, None)],
    Resource.NODES: [pair(1, 1)], Resource.QUEUE: [pair("osg", "osg")],
    Resource.ACCOUNT: [pair(None, "osg")], Resource.QOS: [pair(None, "normal")],
}  # fmt: skip


def facts(pairs: dict[Resource, list[Pair]] | None = None, **changes: Any) -> RouteFacts:
    values: dict[str, Any] = {
        "runs": RUNS, "core_s": CORE_S,
        "shares": {Measure.CORES: {85: RUNS}, Measure.MEMORY: {70: RUNS}, Measure.WALLTIME: {90: RUNS}},
        "shapes": [Shape(8, 16_000, 0, RUNS, CORE_S)],
        "ends": [Ended(EndClass.NORMAL, None, RUNS, CORE_S)],
    }  # fmt: skip
    return RouteFacts("default", "main", pairs={**GOOD, **(pairs or {})}, **{**values, **changes})


def ended(what: EndClass, runs: int, node: str = "n1") -> Ended:
    return Ended(what, node, runs, CORE_S * runs / RUNS)


def judged(of: RouteFacts, nodes: Inventory = NODES) -> RouteReport:
    return report(of, nodes)


def ids(of: RouteFacts, nodes: Inventory = NODES) -> list[str]:
    return [one.id for one in judged(of, nodes).advice]
