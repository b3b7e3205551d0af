"""What our router makes of the same configuration and pilots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hosted_ce.routing.htcondor.ad_text import read_ad
from hosted_ce.routing.htcondor.matching import choose
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import Router, load_router, route_ad
from hosted_ce.routing.htcondor.routes import Route
from hosted_ce.routing.htcondor.run import TransformFailed
from tests.e2e.routing.oracle import SETTINGS

__all__ = ["CLAIM", "Route", "judge", "load"]


CLAIM = {"Managed": "External", "ManagedManager": "jobrouter"}
"""What HTCondor writes into a job that it claims, before it routes it; none of our business."""


def load(config: str, base: Mapping[str, str] | None = None) -> Router | None:
    """The router of a configuration in one file."""
    return load_router(read_config([("common", SETTINGS), ("config", config)], base)).router


def judge(router: Router | None, ads: Sequence[str]) -> dict[str, dict[str, str]]:
    """The routed ads by job id, as the oracle gives them."""
    routed = {}
    for text in ads:
        ad = read_ad(text)
        for name, value in CLAIM.items():
            ad[name] = value
        choice = choose(router.routes, router.constraint, ad) if router else None
        if router is None or choice is None or choice.route is None:
            continue
        try:
            job = route_ad(router, choice.route, ad).ad
        except TransformFailed:
            continue
        shown = {name: value for name, value in job.texts().items() if name not in CLAIM}
        routed[f"{ad.value('ClusterId')}.{ad.value('ProcId')}"] = shown
    return routed
