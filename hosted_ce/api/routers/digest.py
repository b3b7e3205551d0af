"""The site's last days on one page."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from hosted_ce.api.callers.access import Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.verifying import Since, seconds_of
from hosted_ce.digest.forms import Form, written

router = APIRouter(prefix="/api/v1", tags=["site"])


class DigestFormat(StrEnum):
    """How the answer is written."""

    JSON = "json"
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


class SectionOut(BaseModel):
    """One section: its sentences, or what is said when there are none."""

    title: str
    lines: list[str]
    empty: str


class DigestOut(BaseModel):
    """A digest."""

    title: str
    span: str = Field(description="From when to when, in words.")
    sections: list[SectionOut]


_MEDIA = {
    DigestFormat.TEXT: ("text/plain", Form.TEXT), DigestFormat.MARKDOWN: ("text/markdown", Form.MARKDOWN),
    DigestFormat.HTML: ("text/html", Form.HTML),
}  # fmt: skip
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The digest.",
        "content": {media: {"schema": {"type": "string"}} for media, _ in _MEDIA.values()},
    },
    **guarded_problems(INVALID_REQUEST),
}


@router.get("/site/digest", response_model=DigestOut, responses=ANSWERS)
async def get_digest(
    services: ServicesDep,
    _: Viewer,
    since: Since = "7d",
    as_: Annotated[DigestFormat, Query(alias="format", description="How it is written.")] = DigestFormat.JSON,
) -> DigestOut | Response:
    """What the site gave in the last days, what changed, what was broken, what is open, and what to do.

    Those of full weeks are also in the folder `digests` of the state folder.
    """
    found = await services.digests.of_last(seconds_of(since))
    if as_ in _MEDIA:
        media, form = _MEDIA[as_]
        return Response(written(found, form), media_type=media)
    rows = [SectionOut(title=one.title, lines=list(one.lines), empty=one.empty) for one in found.sections]
    return DigestOut(title=found.title, span=found.span, sections=rows)
