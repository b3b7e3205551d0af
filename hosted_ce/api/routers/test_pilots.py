"""Test pilots."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from hosted_ce.api.bodies.reading import BodyTooLarge, check_json_type, read_body, size_words
from hosted_ce.api.bodies.test_pilot import MAX_BODY, PilotTest, asked_test
from hosted_ce.api.callers.access import Operator
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.parameters import idempotency_key
from hosted_ce.api.ports.test_pilots import CannotTest
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.pilots import PilotOut, pilot_out
from hosted_ce.store.arrivals import KeyReused

router = APIRouter(prefix="/api/v1/pilots", tags=["pilots"])


@router.post(
    "/tests",
    status_code=HTTPStatus.CREATED,
    response_model=PilotOut,
    openapi_extra=body_of(PilotTest),
    responses={
        200: {"model": PilotOut, "description": "The test that this idempotency key gave before."},
        201: {"description": "The new pilot.", "headers": {"Location": {"schema": {"type": "string"}}}},
        **guarded_problems(
            kinds.MALFORMED_JSON, kinds.KEY_REUSED, kinds.CANNOT_TEST, kinds.REQUEST_TOO_LARGE,
            kinds.UNSUPPORTED_MEDIA_TYPE, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN, kinds.DISK_FULL,
        ),
    },
)  # fmt: skip
async def submit_test(
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Operator,
    key: Annotated[str | None, Depends(idempotency_key)],
) -> PilotOut:
    """Submits a test pilot, without a factory.

    It goes its way as any pilot does, ahead of those that wait, within the limits of its route; it counts as
    nothing else. GET /api/v1/pilots/{pilot_id}/trace follows it.
    """
    check_json_type(request)
    errand = asked_test(await _body(request)).errand()
    try:
        pilot, new = await services.test_pilots.submit(errand, owner=caller.name, key=key)
    except KeyReused as error:
        raise Problem(kinds.KEY_REUSED, str(error), pilot_id=error.pilot_id) from error
    except CannotTest as error:
        raise Problem(kinds.CANNOT_TEST, str(error)) from error
    response.status_code = HTTPStatus.CREATED if new else HTTPStatus.OK
    response.headers["Location"] = f"{router.prefix}/{pilot.id}"
    return pilot_out(pilot, services.site)


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, MAX_BODY)
    except BodyTooLarge as error:
        detail = f"the body {size_words(error.size)} is above the limit of {MAX_BODY}: no test says so much"
        raise Problem(kinds.REQUEST_TOO_LARGE, detail) from error
