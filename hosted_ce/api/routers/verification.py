"""What was asked, granted and used; what follows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.schemas.verification import VerificationOut, as_csv
from hosted_ce.api.verifying import Wanted, reported, verification_out
from hosted_ce.verification.markdown import markdown

router = APIRouter(prefix="/api/v1", tags=["site"])
CSV, MARKDOWN = "text/csv", "text/markdown"


class VerificationFormat(StrEnum):
    """How the answer is written."""

    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class Question(Wanted):
    """What is asked for, and in which form."""

    format: VerificationFormat = Field(
        default=VerificationFormat.JSON,
        description="`csv` has a row for each advice, `markdown` is a report to send.",
    )


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report.",
        "content": {media: {"schema": {"type": "string"}} for media in (CSV, MARKDOWN)},
    },
    **guarded_problems(INVALID_REQUEST),
}


@router.get("/site/verification", response_model=VerificationOut, responses=ANSWERS)
async def get_verification(
    services: ServicesDep, _: Viewer, wanted: Annotated[Question, Query()]
) -> VerificationOut | Response:
    """Cores, memory, walltime, GPUs, nodes, queue, account: what runs of each route asked, got and used.

    With advice in plain words: what differs, what is not used, what no pilot can use, what ends runs early.
    A route of which fewer than 20 runs ended in this time is not judged.
    """
    reports = await reported(services.verifier, wanted)
    found = verification_out(reports, wanted, services.now())
    match wanted.format:
        case VerificationFormat.CSV:
            return Response(as_csv(found.routes), media_type=CSV)
        case VerificationFormat.MARKDOWN:
            site = services.site()
            title = f"Contributions of {site.resource}: asked, granted, used"
            span = f"Runs that ended from {found.since} to {found.until}."
            return Response(markdown(reports, title, span), media_type=MARKDOWN)
        case VerificationFormat.JSON:
            return found
