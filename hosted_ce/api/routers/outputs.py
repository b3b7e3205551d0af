"""What pilots wrote to their standard output and error."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from hosted_ce.api.callers.access import Reader
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.no_output import why_no_output
from hosted_ce.api.parameters import PilotId, pilot_or_problem
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.services import Services

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bytes as they were fetched: of a long output, its end. Text if they are UTF-8.",
        "content": {"text/plain": {"schema": {"type": "string"}}, BYTES: {}},
    },
    **guarded_problems(kinds.NO_SUCH_PILOT, kinds.OUTPUT_NOT_HERE, kinds.INVALID_REQUEST),
}
router = APIRouter(prefix="/api/v1/pilots", tags=["pilots"])


@router.get("/{pilot_id}/stdout", response_class=Response, responses=RESPONSES)
async def get_stdout(services: ServicesDep, caller: Reader, pilot_id: PilotId) -> Response:
    """The standard output of the pilot's latest batch job."""
    return await _output(services, caller, pilot_id, "stdout")


@router.get("/{pilot_id}/stderr", response_class=Response, responses=RESPONSES)
async def get_stderr(services: ServicesDep, caller: Reader, pilot_id: PilotId) -> Response:
    """The standard error of the pilot's latest batch job."""
    return await _output(services, caller, pilot_id, "stderr")


async def _output(services: Services, caller: Caller, pilot_id: int, name: str) -> Response:
    pilot = await pilot_or_problem(services, pilot_id, caller)
    number = pilot.attempt.number if pilot.attempt else None
    data = None if number is None else await services.outputs.get(pilot_id, number, name)
    if data is None:
        raise Problem(
            kinds.OUTPUT_NOT_HERE, why_no_output(pilot, name), pilot_id=pilot_id, state=pilot.state.value
        )
    return Response(data, media_type=TEXT if _is_text(data) else BYTES)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
