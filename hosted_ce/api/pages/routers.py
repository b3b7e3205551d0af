"""All pages, for the application."""

from __future__ import annotations

from hosted_ce.api.pages import (
    assets,
    charts,
    contributions,
    docs,
    live,
    outputs,
    overview,
    pilot,
    pilots,
    ramp,
    routes,
    site,
)

ROUTERS = (
    overview.router, charts.router, pilots.router, pilot.router, outputs.router, site.router, ramp.router,
    routes.router, contributions.router, live.router, docs.router, assets.router,
)  # fmt: skip
