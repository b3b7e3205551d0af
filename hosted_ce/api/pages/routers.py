"""All pages, for the application."""

from __future__ import annotations

from hosted_ce.api.pages import (
    assets,
    charts,
    checks,
    contributions,
    docs,
    enter,
    live,
    outputs,
    overview,
    pilot,
    pilots,
    ramp,
    routes,
    session,
    site,
    verification,
)

ROUTERS = (
    overview.router, charts.router, pilots.router, pilot.router, outputs.router, site.router, ramp.router,
    checks.router, routes.router, contributions.router, verification.router, live.router, docs.router,
    enter.router, assets.router, session.router,
)  # fmt: skip
