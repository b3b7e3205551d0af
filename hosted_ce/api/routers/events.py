"""What happens to pilots, as server-sent events."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.callers.identity import still_good
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Name
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.api.services import Services
from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import MEDIA_TYPE, EventStream, StreamResponse
from hosted_ce.store.event_log import LoggedEvent

EXAMPLE = """id: 4711
event: running
data: {"id": 4711, "pilot_id": 42, "at": "2026-03-01T12:30:00.000Z", "what": "running", "actor": "site", ...}

"""
router = APIRouter(prefix="/api/v1/events", tags=["events"])
EventId = Annotated[
    int | None, Query(ge=0, le=MAX_ID, description="Only events behind the one with this id.")
]


@router.get(
    "",
    response_class=Response,
    responses={
        200: {
            "description": "Events, while the client stays: `id` is where to go on, `event` what happened.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}},
        },
        **guarded_problems(kinds.INVALID_REQUEST, kinds.TOO_MANY_STREAMS),
    },
)
async def stream_events(
    *,
    services: ServicesDep,
    caller: Viewer,
    after: EventId = None,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=MAX_ID, description="As `after`, which it goes before: browsers send it.")
    ] = None,
    pilot_id: Annotated[int | None, Query(ge=1, le=MAX_ID, description="Only of this pilot.")] = None,
    entry: Annotated[Name | None, Query(description="Only of this entry.")] = None,
) -> Response:
    """Tells every change of a pilot as it is committed, in that order, none left out.

    Without `after` it begins with what happens from now on. A client that was cut off, since it was slow or
    the CE ended, goes on with the last id that it has. When nothing happens a comment comes every 15 s. It
    ends when the token does.
    """
    if services.bell.full(Room.API):
        detail = f"{Room.API.value} streams of events are open, as many as there may be"
        raise Problem(kinds.TOO_MANY_STREAMS, detail)

    def wanted(event: LoggedEvent) -> bool:
        return pilot_id in (None, event.pilot_id) and entry in (None, event.entry)

    with ExitStack() as place:
        heard = place.enter_context(services.bell.ear(Room.API))
        begin = await _begin(services, after if last_event_id is None else last_event_id)
        stream = EventStream(
            services.event_log, services.bell, heard, services.pace, after=begin, wanted=wanted,
            allowed=lambda: still_good(services, caller),
        )  # fmt: skip
        return StreamResponse(stream.frames(), services.pace.stall, place.pop_all())


async def _begin(services: Services, after: int | None) -> int:
    newest = await services.event_log.newest()
    if after is not None and after > newest:
        wrong = FieldError(
            path="query.after", message=f"is above the newest id, {newest}: is it another CE's?"
        )
        raise invalid(kinds.INVALID_REQUEST, [wrong])
    return newest if after is None else after
