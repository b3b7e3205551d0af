"""All findings about a cluster: what a probe found, against what the site file wants. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from bosco.capabilities import Capabilities
from hosted_ce.capabilities.batch_findings import batch_findings
from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.capabilities.login_findings import login_findings
from hosted_ce.capabilities.route_findings import route_findings
from hosted_ce.capabilities.wanted import Wanted


def findings(found: Capabilities, wants: Wanted) -> tuple[Finding, ...]:
    """Problems first; otherwise from the login node to the routes."""
    every = chain(
        login_findings(found.login),
        batch_findings(found.batch, wants),
        *(route_findings(found.batch, route) for route in wants.routes),
    )
    return problems_first(every)


def problems_first(every: Iterable[Finding]) -> tuple[Finding, ...]:
    """Otherwise in the order that they have."""
    return tuple(sorted(every, key=lambda finding: finding.weight is not Weight.PROBLEM))
