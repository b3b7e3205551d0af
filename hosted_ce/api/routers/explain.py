"""Why a pilot goes where it goes, or would."""

from __future__ import annotations

from fastapi import APIRouter, Request

from hosted_ce.api.bodies.hypothetical import MAX_BODY, HypotheticalPilot, hypothetical_of, spec_of
from hosted_ce.api.bodies.reading import BodyTooLarge, check_json_type, read_body, size_words
from hosted_ce.api.callers.access import Operator
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.openapi import body_of
from hosted_ce.api.parameters import PilotId, pilot_or_problem
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.explanations import ExplanationOut, explanation_out

router = APIRouter(prefix="/api/v1", tags=["routes"])


@router.get(
    "/pilots/{pilot_id}/explain", responses=guarded_problems(kinds.NO_SUCH_PILOT, kinds.INVALID_REQUEST)
)
async def explain_pilot(services: ServicesDep, _: Operator, pilot_id: PilotId) -> ExplanationOut:
    """Which routes are tried for this pilot, which clause or limit is in its way, and its batch script.

    The script is the one of its attempt, written anew from what is on record; a pilot that waits has the one
    that would be submitted. It has the pilot's arguments and environment in it.
    """
    pilot = await pilot_or_problem(services, pilot_id)
    return explanation_out(await services.explainer.of_pilot(pilot))


@router.post(
    "/routes/explain",
    openapi_extra=body_of(HypotheticalPilot),
    responses=guarded_problems(
        kinds.MALFORMED_JSON, kinds.REQUEST_TOO_LARGE, kinds.UNSUPPORTED_MEDIA_TYPE, kinds.INVALID_REQUEST
    ),
)
async def explain_routes(request: Request, services: ServicesDep, _: Operator) -> ExplanationOut:
    """The same for a pilot that might come. Nothing is submitted or written down."""
    check_json_type(request)
    asked = hypothetical_of(await _body(request))
    return explanation_out(await services.explainer.of_spec(spec_of(asked), asked.account))


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, MAX_BODY)
    except BodyTooLarge as error:
        raise Problem(
            kinds.REQUEST_TOO_LARGE,
            f"the body {size_words(error.size)} is above the limit of {MAX_BODY}: no pilot can say so much",
        ) from error
