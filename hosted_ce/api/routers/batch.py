"""Submissions of many pilots at once."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hosted_ce.api.bodies.batch import Batch, BatchRequest, batch_of
from hosted_ce.api.bodies.handing_in import body_of_submission, check_uploaded, refusals_as_problems
from hosted_ce.api.callers.access import Submitter
from hosted_ce.api.callers.caller import STATE_FOLDER, Caller
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.parameters import batch_key
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.schemas.batch import BatchOut, batch_answer
from hosted_ce.api.services import Services
from hosted_ce.pilots.id_ranges import ranges_of

router = APIRouter(prefix="/api/v1/pilots", tags=["pilots"])


@router.post(
    "/batch",
    status_code=HTTPStatus.CREATED,
    response_model=BatchOut,
    openapi_extra=body_of(BatchRequest),
    responses={
        200: {"model": BatchOut, "description": "The idempotency key gave all of them before."},
        201: {"description": "Some of them are new, or all."},
        **guarded_problems(
            kinds.MALFORMED_JSON, kinds.KEY_REUSED, kinds.REQUEST_TOO_LARGE, kinds.FILE_TOO_LARGE,
            kinds.UNSUPPORTED_MEDIA_TYPE, kinds.INVALID_REQUEST, kinds.CONTENT_MISSING, kinds.SHUTTING_DOWN,
            kinds.DISK_FULL,
        ),
    },
)  # fmt: skip
async def submit_batch(
    request: Request,
    services: ServicesDep,
    caller: Submitter,
    key: Annotated[str, Depends(batch_key)],
) -> Response:
    """Submits many pilots: all of them, or none.

    What they share is said once, as for one pilot. The request needs an idempotency key, and each pilot has
    one made of it: the key, a dash, and its number, counted from `first`. So the same request again gives the
    same pilots, and one that asks for more under the same key gives the rest. Where requests are counted,
    twenty pilots are one.
    """
    body = await body_of_submission(request, services.max_request)
    with services.undisturbed(body.count(b"{")):  # so many pilots it may describe one by one
        return await _submitted(request, services, caller, key, body)


async def _submitted(request: Request, services: Services, caller: Caller, key: str, body: bytes) -> Response:
    """In a frame of its own, as the next one: what it made is gone when it returns."""
    limits = {"max_file": services.max_input_file, "max_bytes": services.max_request}
    batch = await services.in_turn(partial(batch_of, body, max_pilots=services.max_batch, **limits))
    if caller is not STATE_FOLDER:
        services.rates.brought(caller.key, batch.pilots)
    await check_uploaded(services, batch.inputs, batch.uploads)
    with services.undisturbed(batch.pilots):
        return await _stored(request, services, caller, key, batch)


async def _stored(request: Request, services: Services, caller: Caller, key: str, batch: Batch) -> Response:
    with refusals_as_problems(batch.inputs):
        pilots = await services.door.submit_batch(
            batch.wanted, batch.uploads, owner=caller.name, key=key, first=batch.first, account=caller.account
        )
    request.state.pilots = ranges_of(pilot.id for pilot, _ in pilots)  # for the audit log
    return await services.in_turn(partial(batch_answer, pilots))
