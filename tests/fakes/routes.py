"""Routes of a site file, made short for tests."""

from __future__ import annotations

from typing import Any

from hosted_ce.routing.compile import site_route
from hosted_ce.routing.limits import Caps, Limits
from hosted_ce.routing.route import Route

CLUSTER = "main"


def route(name: str, *, pilots: int = 100, idle: int = 100, **more: Any) -> Route:
    """A route to the cluster `main`; `more` as for site_route."""
    return site_route(name, CLUSTER, limits=Limits(Caps(pilots, idle)), **more)
