"""Pilots: lists, single ones; holds, releases, removals."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from hosted_ce.api.callers.access import Canceller, Modifier, Reader
from hosted_ce.api.callers.discretion import shown_to
from hosted_ce.api.cursor import cursor_after, keys_of
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Listing, PilotId, Reason, pilot_or_problem
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.pilots import PilotDetail, PilotOut, PilotPage, pilot_detail, pilot_out
from hosted_ce.intake.rest import ReleasedElsewhere
from hosted_ce.pilots.states import FINAL

router = APIRouter(prefix="/api/v1/pilots", tags=["pilots"])
Why = Annotated[Reason | None, Query(description="Why, for its history.")]
CHANGE = (kinds.NO_SUCH_PILOT, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN)


@router.get("", responses=guarded_problems(kinds.INVALID_REQUEST))
async def list_pilots(
    services: ServicesDep, caller: Reader, wanted: Annotated[Listing, Query()]
) -> PilotPage:
    """Lists pilots, newest first, a page at a time.

    Give `next_cursor` of one page as `cursor` for the next, with the same filters. Pilots that arrive
    meanwhile are before the first page; they shift nothing. A page may be short, or empty, although more
    follow: a request looks at 10,000 pilots at most. Ages are as of each request.
    """
    after = keys_of(wanted.cursor) if wanted.cursor else None
    found = await services.queries.listing(
        wanted.filter(services.now(), caller.only_of), order=wanted.order, after=after, limit=wanted.limit
    )
    site = cache(services.site)
    return PilotPage(
        items=[shown_to(caller, pilot_out(pilot, site)) for pilot in found.pilots],
        next_cursor=cursor_after(found.after) if found.after else None,
        matching=found.matching,
        counts=found.counts if caller.only_of is None else found.matching,
    )


@router.get("/{pilot_id}", responses=guarded_problems(kinds.NO_SUCH_PILOT, kinds.INVALID_REQUEST))
async def get_pilot(services: ServicesDep, caller: Reader, pilot_id: PilotId) -> PilotDetail:
    """All that there is to know about a pilot: the request, every batch job, what happened when and why.

    Its names everywhere: `factory_job` at the factory, `door_key` at the front door, `id` at the CE, and of
    each attempt `stamp` and `batch_id` at the site. `history` says who did what (`actor`).

    A viewer sees arguments and environment masked: secrets may be in them.
    """
    pilot = await pilot_or_problem(services, pilot_id, caller)
    attempts, history = await services.queries.attempts(pilot_id), await services.queries.history(pilot_id)
    return shown_to(caller, pilot_detail(pilot, services.site, attempts, history))


@router.delete(
    "/{pilot_id}",
    status_code=HTTPStatus.ACCEPTED,
    response_model=PilotOut,
    responses={
        200: {"model": PilotOut, "description": "It was over already; nothing was changed."},
        202: {"description": "It is removed, or will be when the site has ended its batch job."},
        **guarded_problems(*CHANGE),
    },
)
async def remove_pilot(
    services: ServicesDep,
    response: Response,
    caller: Canceller,
    pilot_id: PilotId,
    reason: Why = None,
) -> PilotOut:
    """Removes a pilot. Asking again changes nothing."""
    pilot = await pilot_or_problem(services, pilot_id, caller)
    if pilot.state in FINAL:
        response.status_code = HTTPStatus.OK
        return pilot_out(pilot, services.site)
    pilot = await services.door.remove(pilot_id, actor=caller.actor, reason=reason)
    return pilot_out(pilot, services.site)


@router.post(
    "/{pilot_id}/hold",
    status_code=HTTPStatus.ACCEPTED,
    response_model=PilotOut,
    responses={
        200: {"model": PilotOut, "description": "It is over, held, or to be; nothing was changed."},
        202: {"description": "It is held, or will be when the site has ended its batch job."},
        **guarded_problems(*CHANGE),
    },
)
async def hold_pilot(
    services: ServicesDep, response: Response, caller: Modifier, pilot_id: PilotId, reason: Why = None
) -> PilotOut:
    """Ends a pilot's batch job and keeps the pilot until it is released. Asking again changes nothing."""
    await pilot_or_problem(services, pilot_id, caller)
    pilot, changed = await services.door.hold(pilot_id, actor=caller.actor, reason=reason)
    response.status_code = _status(changed)
    return pilot_out(pilot, services.site)


@router.post(
    "/{pilot_id}/release",
    status_code=HTTPStatus.ACCEPTED,
    response_model=PilotOut,
    responses={
        200: {"model": PilotOut, "description": "It is over, or was not held; nothing was changed."},
        202: {"description": "A new attempt begins, when the last one has ended."},
        **guarded_problems(*CHANGE, kinds.RELEASED_ELSEWHERE),
    },
)
async def release_pilot(
    services: ServicesDep, response: Response, caller: Modifier, pilot_id: PilotId, reason: Why = None
) -> PilotOut:
    """Ends a hold: the pilot is routed anew, and gets a new batch job.

    One that a factory brought is released there, since its hold is in the factory's queue, too.
    """
    await pilot_or_problem(services, pilot_id, caller)
    try:
        pilot, changed = await services.door.release(pilot_id, actor=caller.actor, reason=reason)
    except ReleasedElsewhere as error:
        raise Problem(kinds.RELEASED_ELSEWHERE, str(error), pilot_id=pilot_id) from error
    response.status_code = _status(changed)
    return pilot_out(pilot, services.site)


def _status(changed: bool) -> HTTPStatus:
    return HTTPStatus.ACCEPTED if changed else HTTPStatus.OK
