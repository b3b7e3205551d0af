"""Tells pages that something has changed, so that they ask for themselves anew."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.streams.bell import Room
from hosted_ce.api.streams.events import EventStream, StreamResponse
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
    checks: Annotated[bool, Query()] = False,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_ID)] = None,
) -> Response:
    """Says `changed` after each change of a pilot, or of this one, or (`checks`) of a run of checks alone.

    What it is, the page says itself. `after` is the newest event when the page was made: what happened since
    then is not missed. That it happened is all that is told: however long ago the page was made, nothing is
    read for it.
    """
    if services.bell.full(Room.PAGES):
        detail = f"{Room.PAGES.value} pages are followed, as many as there may be; this one looks by itself"
        raise Problem(kinds.TOO_MANY_STREAMS, detail)

    def wanted(event: LoggedEvent) -> bool:
        return not checks and pilot_id in (None, event.pilot_id)

    seen = after if last_event_id is None else last_event_id
    with ExitStack() as place:
        heard = place.enter_context(services.bell.ear(Room.PAGES))
        newest = await services.event_log.newest()
        stream = EventStream(
            services.event_log, services.bell, heard, replace(services.pace, pause=REST_S),
            after=newest, wanted=wanted, told=_changed, turn=lambda: services.bell.checks if checks else 0,
            first=_changed_at(newest) if seen is not None and seen < newest else "",
        )  # fmt: skip
        return StreamResponse(stream.frames(), services.pace.stall, place.pop_all())


def _changed(events: Sequence[LoggedEvent]) -> str:
    return _changed_at(events[-1].id)


def _changed_at(event: int) -> str:
    return f"id: {event}\nevent: changed\ndata: now\n\n"
