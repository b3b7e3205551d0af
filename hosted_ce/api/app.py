"""Puts the API together."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

from hosted_ce.api import openapi
from hosted_ce.api.pages.problem import page_or_details
from hosted_ce.api.pages.routers import ROUTERS as PAGES
from hosted_ce.api.problems import handlers
from hosted_ce.api.routers import (
    batch,
    by_hand,
    capabilities,
    charts,
    checks,
    contributions,
    digest,
    entries,
    events,
    explain,
    files,
    health,
    incidents,
    nodes,
    outputs,
    pilots,
    ramps,
    sessions,
    site,
    site_file,
    submit,
    test_pilots,
    tokens,
    verification,
    why,
)
from hosted_ce.api.services import Services
from hosted_ce.api.stack import stack

ROUTERS = (
    submit.router, batch.router, test_pilots.router, pilots.router, why.router, by_hand.router,
    outputs.router, files.router, site.router, capabilities.router, nodes.router, ramps.router, checks.router,
    site_file.router, explain.router, entries.router, events.router, charts.router, contributions.router,
    verification.router, incidents.router, digest.router, tokens.router, health.router, sessions.router,
    *PAGES,
)  # fmt: skip
NO_TELEMETRY: TelemetryConfig = {
    "auto_configure": False, "tracing": False, "metrics": False, "logs": False, "operation_spans": False,
}  # fmt: skip


def create_app(services: Services) -> FastAPI:
    """The API over these services. Raises ValueError when there is no token: that would let everyone in."""
    if not services.token:
        raise ValueError("the API needs a token; hosted_ce.api.callers.token_file makes one")
    app = FastAPI(
        title="Hosted CE",
        version=services.version,
        description=openapi.guide(),
        openapi_tags=openapi.TAGS,
        openapi_url=None,  # served by pages.docs, complete
        redirect_slashes=False,  # a redirect would lose the token, or send it twice
        generate_unique_id_function=_operation_id,
        telemetry=NO_TELEMETRY,
        middleware=stack(services, page_or_details),
    )
    app.state.services = services
    handlers.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
