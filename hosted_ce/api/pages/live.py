"""Tells pages that something has changed, so that they ask for themselves anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from hosted_ce.api import kinds
from hosted_ce.api.access import StatusAccess
from hosted_ce.api.bell import Room
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.event_stream import EventStream, StreamResponse
from hosted_ce.api.problems import Problem
from hosted_ce.api.services import ServicesDep
from hosted_ce.store.event_log import LoggedEvent

REST_S = 1.0
"""A page asks for itself at most so often, however much happens."""
EventId = Annotated[int | None, Query(ge=0, le=MAX_ID)]
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@router.get("/live")
async def live(
    services: ServicesDep,
    after: EventId = None,
    pilot_id: EventId = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_ID)] = None,
) -> Response:
    """Says `changed` after each change of a pilot, or of this one; what it is, the page says itself.

    `after` is the newest event when the page was made: what happened since then is not missed.
    """
    if services.bell.full(Room.PAGES):
        detail = f"{Room.PAGES.value} pages are followed, as many as there may be; this one looks by itself"
        raise Problem(kinds.TOO_MANY_STREAMS, detail)

    def wanted(event: LoggedEvent) -> bool:
        return pilot_id in (None, event.pilot_id)

    newest, seen = await services.event_log.newest(), after if last_event_id is None else last_event_id
    stream = EventStream(
        services.event_log, services.bell, replace(services.pace, pause=REST_S),
        after=newest if seen is None else min(seen, newest), wanted=wanted, room=Room.PAGES, told=_changed,
    )  # fmt: skip
    return StreamResponse(stream.frames(), services.pace.stall)


def _changed(events: Sequence[LoggedEvent]) -> str:
    return f"id: {events[-1].id}\nevent: changed\ndata: now\n\n"
