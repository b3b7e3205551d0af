"""What is answered to a submission of many pilots."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Response
from pydantic import BaseModel, Field

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import State


class BatchedPilot(BaseModel):
    """One of them."""

    id: int
    door_key: str | None = Field(
        description="Its own idempotency key: that of the request, a dash, and its number."
    )
    created: bool = Field(description="Whether it is new; it is not when its key gave it before.")
    state: State


class BatchOut(BaseModel):
    """All pilots of the request, in its order."""

    created: int = Field(description="How many of them are new.")
    items: list[BatchedPilot]


def batch_answer(pilots: Sequence[tuple[Pilot, bool]]) -> Response:
    """What is answered for these pilots, of which some are new: written here, not by FastAPI in the loop."""
    out = BatchOut(
        created=sum(new for _, new in pilots),
        items=[
            BatchedPilot(id=pilot.id, door_key=pilot.door_key, created=new, state=pilot.state)
            for pilot, new in pilots
        ],
    )
    status = HTTPStatus.CREATED if out.created else HTTPStatus.OK
    return Response(out.model_dump_json(), status, media_type="application/json")
