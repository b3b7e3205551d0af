"""Submissions."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hosted_ce.api.bodies.handing_in import body_of_submission, check_uploaded, refusals_as_problems
from hosted_ce.api.bodies.submission import PilotRequest, Submission, submission_of
from hosted_ce.api.callers.access import Submitter
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.parameters import idempotency_key
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.schemas.pilots import PilotOut, pilot_out
from hosted_ce.api.services import Services
from hosted_ce.pilots.pilot import Pilot

SMALL = 16 * 1024
"""Bytes of a body that is read in the loop: 0.1 ms at most."""
router = APIRouter(prefix="/api/v1/pilots", tags=["pilots"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=PilotOut,
    openapi_extra=body_of(PilotRequest),
    responses={
        200: {"model": PilotOut, "description": "The pilot that this idempotency key gave before."},
        201: {"description": "The new pilot.", "headers": {"Location": {"schema": {"type": "string"}}}},
        **guarded_problems(
            kinds.MALFORMED_JSON, kinds.KEY_REUSED, kinds.REQUEST_TOO_LARGE, kinds.FILE_TOO_LARGE,
            kinds.UNSUPPORTED_MEDIA_TYPE, kinds.INVALID_REQUEST, kinds.CONTENT_MISSING, kinds.SHUTTING_DOWN,
            kinds.DISK_FULL,
        ),
    },
)  # fmt: skip
async def submit_pilot(
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Submitter,
    key: Annotated[str | None, Depends(idempotency_key)],
) -> PilotOut:
    """Submits a pilot.

    The pilot is written down before this answers. It starts as `idle`; where it goes from there is in its
    history. A refused request changes nothing.
    """
    body = await body_of_submission(request, services.max_request)
    submission = await _read(body, services.max_input_file)
    pilot, new = await _hand_in(services, submission, caller, key)
    response.status_code = HTTPStatus.CREATED if new else HTTPStatus.OK
    response.headers["Location"] = f"{router.prefix}/{pilot.id}"
    return pilot_out(pilot, services.site)


async def _read(body: bytes, max_file: int) -> Submission:
    """A small body takes less time than a thread takes to begin; a large one must not hold up the others."""
    if len(body) <= SMALL:
        return submission_of(body, max_file)
    return await asyncio.to_thread(submission_of, body, max_file)


async def _hand_in(
    services: Services, submission: Submission, caller: Caller, key: str | None
) -> tuple[Pilot, bool]:
    spec, uploads = submission.spec, submission.uploads
    await check_uploaded(services, spec.inputs, uploads)
    with refusals_as_problems(spec.inputs):
        return await services.door.submit(spec, uploads, owner=caller.name, key=key, account=caller.account)
