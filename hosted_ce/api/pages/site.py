"""The page of the site's health: each cluster, what is full, why batch jobs wait, which nodes kill pilots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.views import RouteView
from hosted_ce.incidents.cause import ABOUT

MOST_REASONS = 50
MOST_NODES = 25
MOST_INCIDENTS = 20
PAST_S = 30 * 86400.0
"""How far back outages are shown."""
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@dataclass(frozen=True, slots=True)
class Room:
    """A route, and why there is no room for one more pilot of one core; None: there is room."""

    view: RouteView
    full: str | None


@router.get("/site")
async def site(services: ServicesDep, refresh: Annotated[bool, Query()] = True) -> HTMLResponse:
    """How the site is, and what to do now."""
    newest, view, nodes = await services.event_log.newest(), services.site(), services.nodes.all()
    past = await services.incidents.since(services.now() - PAST_S)
    return page(
        "site.html",
        version=services.version, site=view, now=services.now(), newest=newest, refresh=refresh,
        routes=[Room(route, route.full) for route in view.routes],
        incidents=[one for one in past if one.ended_at is None], past=past[::-1][:MOST_INCIDENTS],
        about=ABOUT,
        pending=(await services.entries.pending())[:MOST_REASONS],
        avoided={(one.cluster, one.node): one for one in services.nodes.avoidances()},
        nodes=nodes[:MOST_NODES], nodes_left_out=max(0, len(nodes) - MOST_NODES),
    )  # fmt: skip
