"""The transforms around the routes of a site file: those of HTCondor-CE's own that such routes need."""

from __future__ import annotations

from functools import cache

from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import Router, load_router

_CHAIN = """
JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = OrigRequests
JOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES = Cpus Memory Queue BatchRuntime
JOB_ROUTER_ROUTE_NAMES = none
"""


@cache
def site_chain() -> Router:
    """The router that has them, and no routes."""
    loading = load_router(read_config([ce_defaults(), ("site-chain.conf", _CHAIN)]))
    if loading.router is None:  # pragma: no cover - a broken installation
        raise RuntimeError(f"the shipped transforms cannot be loaded: {loading.findings}")
    return loading.router
