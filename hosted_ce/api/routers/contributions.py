"""Contributions: core hours that the site gave, by VO, route, entry or cluster."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.contributing import CSV, Wanted, contributed, csv_response
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.schemas.contributions import ContributionsOut

router = APIRouter(prefix="/api/v1/contributions", tags=["charts"])
EXAMPLE = (
    "vo,ended,never_ran,not_known,running,running_not_known,asked,granted,running_so_far,assumed,used,used_of,"
    "failed,early,unclassed,mean_wait_s\r\nosg,120,3,0,40,0,69120.0,41230.5,1630.5,0.0,30960.25,39600.0,"
    "120.0,960.0,0.0,412.5\r\n"
)


class ContributionsFormat(StrEnum):
    """How the answer is written."""

    JSON = "json"
    CSV = "csv"


class Question(Wanted):
    """What is asked for, and in which form."""

    format: ContributionsFormat | None = Field(
        default=None, description="`csv` has the rows alone; the same as `Accept: text/csv`."
    )


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The contributions.",
        "content": {CSV: {"schema": {"type": "string"}, "example": EXAMPLE}},
    },
    **guarded_problems(INVALID_REQUEST),
}


@router.get("", response_model=ContributionsOut, responses=ANSWERS)
async def get_contributions(
    request: Request, services: ServicesDep, _: Viewer, wanted: Annotated[Question, Query()]
) -> ContributionsOut | Response:
    """Core hours that the site gave to pilots: asked, granted, used, and what became of them.

    Days are those of UTC. A run counts in the days in which it ran, also while it goes on; an attempt, its
    wait, and what was asked for it in the day in which it ended.
    """
    found = await contributed(services, wanted)
    accepted = CSV in request.headers.get("accept", "")
    as_text = accepted if wanted.format is None else wanted.format is ContributionsFormat.CSV
    return csv_response(found) if as_text else found
