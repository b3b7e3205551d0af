"""Parameters that more than one endpoint has."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hosted_ce.api.cursor import MAX_ID, before_of
from hosted_ce.api.kinds import INVALID_REQUEST, NO_SUCH_PILOT
from hosted_ce.api.problems import FieldError, Problem, invalid
from hosted_ce.api.services import Services
from hosted_ce.api.submission import Checksum
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.spec import CONTROL
from hosted_ce.pilots.states import State

MAX_REASON = 500
MAX_WORD = 128
KEY = re.compile(r"[\x20-\x7e]{1,200}\Z")


def one_line(text: str) -> str:
    """`text`, if it has no control characters. Raises ValueError."""
    if found := CONTROL.search(text):
        raise ValueError(f"has a control character (U+{ord(found[0]):04X}) at position {found.start()}")
    return text


def _key(text: str) -> str:
    if not KEY.match(text):
        raise ValueError("must be 1 to 200 printable ASCII characters")
    return text


def _cursor(text: str) -> str:
    before_of(text)
    return text


PilotId = Annotated[int, Path(ge=1, le=MAX_ID, description="The pilot's id.", examples=[42])]
FileChecksum = Annotated[Checksum, Path(description="SHA-256 of the file, in lower-case hex.")]
Reason = Annotated[str, Field(max_length=MAX_REASON), AfterValidator(one_line)]
Word = Annotated[str, Field(max_length=MAX_WORD), AfterValidator(one_line)]
KeyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description=(
        "Makes it safe to repeat the request when its answer was lost: the same key and request give the "
        "same pilot. 1 to 200 printable ASCII characters, new for each new pilot (a UUID is good)."
    ), examples=["0b9f2f3e-6a2c-4a57-8d2e-0a8f5f7c1d11"]),
]  # fmt: skip


class Listing(BaseModel):
    """Which pilots are wanted: every parameter that is given narrows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: list[State] = Field(default=[], description="States; may be given more than once.")
    route: Word | None = Field(default=None, description="Name of a route.")
    cluster: Word | None = Field(default=None, description="Name of a cluster.")
    batch_id: Word | None = Field(default=None, description="Id of a batch job at the site.")
    factory_job: Word | None = Field(default=None, description="The factory's GlobalJobId.")
    limit: int = Field(default=100, ge=1, le=1000, description="How many at most.")
    cursor: Annotated[str, AfterValidator(_cursor)] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )


async def idempotency_key(request: Request, key: KeyHeader = None) -> str | None:
    """The request's idempotency key, if it has one. Raises Problem."""
    given = request.headers.getlist("Idempotency-Key")
    if key is None or not given:
        return None
    try:
        if len(given) > 1:
            raise ValueError("is given more than once")
        return _key(given[0])
    except ValueError as error:
        wrong = FieldError(path="header.Idempotency-Key", message=str(error))
        raise invalid(INVALID_REQUEST, [wrong]) from error


async def pilot_or_problem(services: Services, pilot_id: int) -> Pilot:
    """The pilot with this id. Raises Problem when there is none."""
    pilot = await services.store.get(pilot_id)
    if pilot is None:
        raise Problem(NO_SUCH_PILOT, f"there is no pilot {pilot_id}", pilot_id=pilot_id)
    return pilot
