"""The ramps that a site file asks for, as the controller knows them."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.ramp.rules import Rules
from hosted_ce.routing.route import Route, Table
from hosted_ce.site import SiteFile
from hosted_ce.site.ramp import Ramp


def rules_of(site: SiteFile, table: Table) -> Mapping[str, Rules]:
    """By the names of routes that have one; an entry of HTCondor-CE's files stands for several."""
    asked = {entry.name: entry.ramp for entry in site.routes}
    found = ((route, asked.get(route.entry or route.name)) for route in table.routes)
    return {route.name: _rules(route, ramp) for route, ramp in found if ramp is not None}


def _rules(route: Route, ramp: Ramp) -> Rules:
    gates = ramp.gates
    return Rules(
        start=ramp.start,
        target=_target(route, ramp),
        factor=ramp.factor,
        started=gates.started,
        ran_for_s=gates.ran_for,
        failures=gates.failures,
        classes=frozenset(EndClass(name) for name in gates.classes),
        queue_wait_s=gates.queue_wait,
        rest_s=ramp.rest,
    )


def _target(route: Route, ramp: Ramp) -> int:
    """Never more than the highest limit that the route ever has: behind it nothing would come."""
    written = [caps.pilots for caps in (route.limits.caps, *(w.caps for w in route.limits.windows))]
    known = [pilots for pilots in (max((p for p in written if p is not None), default=None), ramp.target)
             if pilots is not None]  # fmt: skip
    return min(known, default=ramp.start)
