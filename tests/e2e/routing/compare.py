"""Puts both sides' results beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.read import read_config
from tests.e2e.routing import ours
from tests.e2e.routing.batches import Batch
from tests.e2e.routing.oracle import Oracle, OracleDied, RouteInfo, read_printed_ad

_OUR_LIMIT = 1_000_000


@dataclass(frozen=True)
class Comparison:
    """How many pilots both sides were given, how many HTCondor routed, and what is different."""

    pilots: int
    routed: int
    differences: tuple[str, ...]


def compare(oracle: Oracle, batch: Batch) -> Comparison:
    """Routes a batch on both sides.

    Where HTCondor's program ends itself there is nothing to compare; then our rules must have found why,
    unless a signal ended it, which random input does to it now and then.
    """
    router = ours.load(batch.config)
    try:
        verdict = oracle.judge(batch.config, batch.ads)
    except OracleDied as death:
        found = any(
            finding.severity == "error" for finding in check_config(read_config([("c", batch.config)]))
        )
        told = death.signal or found
        return Comparison(0, 0, () if told else (f"HTCondor ended itself, and no rule says why: {death}",))
    routed = ours.judge(router, batch.ads)
    differences = list(_different_ads(verdict.ads, routed))
    routes = tuple(_info(route) for route in router.routes) if router else ()
    if verdict.enabled and verdict.routes != routes:
        differences.append(f"routes: HTCondor has {verdict.routes}, we have {routes}")
    return Comparison(len(batch.ads), len(verdict.ads), tuple(differences))


def _info(route: ours.Route) -> RouteInfo:
    return RouteInfo(route.name, route.universe, route.max_jobs, route.max_idle)


def _as_printed(ad: dict[str, str] | None) -> dict[str, str] | None:
    return ad and read_printed_ad("\n".join(f"{name} = {value}" for name, value in ad.items()))


def _different_ads(theirs: dict[str, dict[str, str]], routed: dict[str, dict[str, str]]) -> list[str]:
    found = []
    for key in sorted(theirs.keys() | routed.keys()):
        left, right = theirs.get(key), _as_printed(routed.get(key))
        if left is None or right is None:
            found.append(f"{key}: only {'HTCondor routes' if right is None else 'we route'} it")
        elif left != right:
            names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
            found += [f"{key}: {name}: HTCondor {left.get(name)!r}, we {right.get(name)!r}" for name in names]
    return found
