"""Submissions."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hosted_ce.api import kinds
from hosted_ce.api.access import Submitter
from hosted_ce.api.caller import Caller
from hosted_ce.api.limits import BodyTooLarge, check_json_type, read_body, size_words
from hosted_ce.api.openapi import body_of
from hosted_ce.api.parameters import idempotency_key
from hosted_ce.api.problem_docs import guarded_problems
from hosted_ce.api.problems import FieldError, Problem, invalid
from hosted_ce.api.schemas import PilotOut, pilot_out
from hosted_ce.api.services import Services, ServicesDep
from hosted_ce.api.submission import PilotRequest, Submission, submission_of
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.store.contents import ContentMissing
from hosted_ce.store.pilots import KeyReused

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
    check_json_type(request)
    body = await _body(request, services.max_request)
    submission = await _read(body, services.max_input_file)
    pilot, new = await _hand_in(services, submission, caller, key)
    response.status_code = HTTPStatus.CREATED if new else HTTPStatus.OK
    response.headers["Location"] = f"{router.prefix}/{pilot.id}"
    return pilot_out(pilot, services.site())


async def _body(request: Request, limit: int) -> bytes:
    try:
        return await read_body(request, limit)
    except BodyTooLarge as error:
        raise Problem(
            kinds.REQUEST_TOO_LARGE,
            f"the body {size_words(error.size)} is above the limit of {limit}; upload input files one by one "
            "with PUT /api/v1/files/{sha256} and name their checksums instead",
        ) from error


async def _read(body: bytes, max_file: int) -> Submission:
    """A small body takes less time than a thread takes to begin; a large one must not hold up the others."""
    if len(body) <= SMALL:
        return submission_of(body, max_file)
    return await asyncio.to_thread(submission_of, body, max_file)


async def _hand_in(
    services: Services, submission: Submission, caller: Caller, key: str | None
) -> tuple[Pilot, bool]:
    await _check_uploaded(services, submission)
    try:
        return await services.door.submit(
            submission.spec, submission.uploads, owner=caller.name, key=key, account=caller.account
        )
    except KeyReused as error:
        raise Problem(kinds.KEY_REUSED, str(error), pilot_id=error.pilot_id) from error
    except ContentMissing as error:
        raise _missing(submission, {error.sha256}) from error


async def _check_uploaded(services: Services, submission: Submission) -> None:
    """Looks before the front door does: it keeps what came along, and then says what is missing."""
    named = {file.sha256 for file in submission.spec.inputs} - submission.uploads.keys()
    if missing := {sha256 for sha256 in named if not await services.contents.has(sha256)}:
        raise _missing(submission, missing)


def _missing(submission: Submission, missing: set[str]) -> Problem:
    errors = [
        FieldError(
            path=f"inputs[{index}].sha256",
            message=f"{file.name} is not here; upload it with PUT /api/v1/files/{file.sha256}",
        )
        for index, file in enumerate(submission.spec.inputs)
        if file.sha256 in missing
    ]
    return invalid(
        kinds.CONTENT_MISSING,
        errors,
        f"{len(missing)} input file(s) not here; upload each with PUT /api/v1/files/{{sha256}}, then repeat "
        "the request",
    )
