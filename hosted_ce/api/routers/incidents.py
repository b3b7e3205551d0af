"""Outages of the site, with their causes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Duration
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.incidents import IncidentsOut, incidents_out
from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import MEDIA_TYPE, StreamResponse
from hosted_ce.api.streams.incidents import frames
from hosted_ce.incidents.downtime import draft
from hosted_ce.site import parse_duration

YAML = "application/yaml"
router = APIRouter(prefix="/api/v1/site/incidents", tags=["site"])
Revision = Annotated[int | None, Query(ge=0, le=MAX_ID, description="Only what changed behind this one.")]


@router.get("", responses=guarded_problems(kinds.INVALID_REQUEST))
async def get_incidents(
    services: ServicesDep,
    _: Viewer,
    since: Annotated[Duration, Query(description="Those that were not over so long ago.")] = "30d",
) -> IncidentsOut:
    """Outages: when they began, what caused them, how long they lasted, and what to do. The newest first."""
    now = services.now()
    return incidents_out(await services.incidents.since(now - parse_duration(since)), now)


@router.get(
    "/stream",
    response_class=Response,
    responses={
        200: {
            "description": "`began` and `over`, while the client stays; `id` is where to go on.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
        **guarded_problems(kinds.INVALID_REQUEST, kinds.TOO_MANY_STREAMS),
    },
)
async def stream_incidents(
    services: ServicesDep,
    _: Viewer,
    after: Revision = None,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=MAX_ID, description="As `after`, which it goes before.")
    ] = None,
) -> Response:
    """Tells each outage when it begins and when it is over. Without `after` from now on."""
    if services.bell.full(Room.API):
        detail = f"{Room.API.value} streams of events are open, as many as there may be"
        raise Problem(kinds.TOO_MANY_STREAMS, detail)
    begin = after if last_event_id is None else last_event_id
    with ExitStack() as place:
        heard = place.enter_context(services.bell.ear(Room.API))
        if begin is None:
            begin = await services.incidents.newest()
        told = frames(services.incidents, services.bell, heard, services.pace, after=begin, now=services.now)
        return StreamResponse(told, services.pace.stall, place.pop_all())


@router.get(
    "/{number}/downtime",
    response_class=Response,
    responses={
        200: {"description": "YAML.", "content": {YAML: {"schema": {"type": "string"}}}},
        **guarded_problems(kinds.NO_SUCH_INCIDENT, kinds.INVALID_REQUEST),
    },
)
async def draft_downtime(
    services: ServicesDep,
    _: Viewer,
    number: Annotated[int, Path(ge=1, le=MAX_ID, description="The outage's number.", examples=[3])],
) -> Response:
    """A draft of the entry for OSG's Topology that announces this outage, to paste there."""
    found = await services.incidents.get(number)
    if found is None:
        raise Problem(kinds.NO_SUCH_INCIDENT, f"there is no incident {number}")
    site = services.site()
    return Response(draft(found, site.resource, site.resource_group, services.now()), media_type=YAML)
