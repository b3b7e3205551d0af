"""Parameters that more than one endpoint has."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hosted_ce.api.bodies.batch import MAX_NUMBER
from hosted_ce.api.bodies.submission import Checksum
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.cursor import MAX_ID, keys_of
from hosted_ce.api.problems.kinds import INVALID_REQUEST, NO_SUCH_PILOT
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.api.services import Services
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.spec import CONTROL
from hosted_ce.pilots.states import State
from hosted_ce.site import parse_duration
from hosted_ce.site.units import DURATION_PATTERN
from hosted_ce.store.filters import Filter, Order

MAX_REASON = 500
MAX_WORD = 128
MAX_LONG_NAME = 256
MAX_KEY = 200
MAX_BATCH_KEY = MAX_KEY - 1 - len(str(MAX_NUMBER))
"""Each pilot's own key has a dash and its number behind it."""
KEY = re.compile(r"[\x20-\x7e]+\Z")


def one_line(text: str) -> str:
    """`text`, if it has no control characters. Raises ValueError."""
    if found := CONTROL.search(text):
        raise ValueError(f"has a control character (U+{ord(found[0]):04X}) at position {found.start()}")
    return text


def _key(text: str, longest: int) -> str:
    if not (KEY.match(text) and len(text) <= longest):
        raise ValueError(f"must be 1 to {longest} printable ASCII characters")
    return text


def _cursor(text: str) -> str:
    keys_of(text)
    return text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


PilotId = Annotated[int, Path(ge=1, le=MAX_ID, description="The pilot's id.", examples=[42])]
FileChecksum = Annotated[Checksum, Path(description="SHA-256 of the file, in lower-case hex.")]
Reason = Annotated[str, Field(max_length=MAX_REASON), AfterValidator(one_line)]
Word = Annotated[str, Field(max_length=MAX_WORD), AfterValidator(one_line)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_WORD), AfterValidator(one_line)]
ClusterName = Annotated[Word, Path(description="The cluster's name in the site file.", examples=["main"])]
LongName = Annotated[str, Field(min_length=1, max_length=MAX_LONG_NAME), AfterValidator(one_line)]
Duration = Annotated[
    str,
    Field(max_length=40, json_schema_extra={"pattern": DURATION_PATTERN}, examples=["2h"]),
    AfterValidator(_duration),
]
KeyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description=(
        "Makes it safe to repeat the request when its answer was lost: the same key and request give the "
        "same pilot. 1 to 200 printable ASCII characters, new for each new pilot (a UUID is good)."
    ), examples=["0b9f2f3e-6a2c-4a57-8d2e-0a8f5f7c1d11"]),
]  # fmt: skip

BatchKeyHeader = Annotated[
    str,
    Header(alias="Idempotency-Key", description=(
        "Makes it safe to repeat the request when its answer was lost: each pilot has a key of its own, made "
        f"of this one and its number. 1 to {MAX_BATCH_KEY} printable ASCII characters, new for new pilots."
    ), examples=["0b9f2f3e-6a2c-4a57-8d2e-0a8f5f7c1d11"]),
]  # fmt: skip


class Listing(BaseModel):
    """Which pilots are wanted: every parameter that is given narrows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: list[State] = Field(default=[], description="States; may be given more than once.")
    entry: Name | None = Field(default=None, description="The factory's entry, `GlideinEntryName`.")
    factory: Name | None = Field(default=None, description="The factory, `GlideinFactory`.")
    route: Name | None = Field(default=None, description="Name of a route.")
    cluster: Name | None = Field(default=None, description="Name of a cluster.")
    vo: Name | None = Field(default=None, description="The VO, as of the latest attempt.")
    account: Name | None = Field(default=None, description="The account that the submitter is mapped to.")
    purpose: Purpose | None = Field(default=None, description="What it is for.")
    batch_id: Name | None = Field(default=None, description="Id of a batch job at the site, of any attempt.")
    stamp: Name | None = Field(default=None, description="The batch job's name at the site, of any attempt.")
    factory_job: LongName | None = Field(default=None, description="The factory's GlobalJobId.")
    door_key: LongName | None = Field(
        default=None, description="The front door's name: the CE's own GlobalJobId, or an idempotency key."
    )
    outcome_class: list[EndClass] = Field(
        default=[], description="Classes of the latest attempt's end; may be given more than once."
    )
    older_than: Duration | None = Field(default=None, description="It came at least so long ago.")
    younger_than: Duration | None = Field(default=None, description="It came at most so long ago.")
    finished_within: Duration | None = Field(default=None, description="It was over at most so long ago.")
    reason: Annotated[str, Field(min_length=3, max_length=100), AfterValidator(one_line)] | None = Field(
        default=None, description="Its reason has this text in it; upper and lower case are the same."
    )
    order: Order = Field(
        default=Order.CREATED,
        description="`created`: all, the newest first. `finished`: those that are over, the last one first.",
    )
    limit: int = Field(default=100, ge=1, le=1000, description="How many at most.")
    cursor: Annotated[str, AfterValidator(_cursor)] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )

    @model_validator(mode="after")
    def _check_cursor(self) -> Listing:
        if self.cursor and (len(keys_of(self.cursor)) > 1) != (self.order is Order.FINISHED):
            raise ValueError("the cursor is of a page in another order; give the same `order`")
        return self

    def filter(self, now: float, owner: str | None = None) -> Filter:
        """What it asks for, at this time in seconds since the epoch; `owner`: of this one's pilots."""
        return Filter(
            self.state, self.route, self.cluster, entry=self.entry, factory=self.factory, vo=self.vo,
            account=self.account, purpose=self.purpose, batch_id=self.batch_id, stamp=self.stamp,
            factory_job=self.factory_job, door_key=self.door_key, reason=self.reason,
            outcome_classes=self.outcome_class,
            created_before=_ago(self.older_than, now), created_after=_ago(self.younger_than, now),
            finished_after=_ago(self.finished_within, now), owner=owner,
        )  # fmt: skip


def _ago(duration: str | None, now: float) -> float | None:
    return None if duration is None else now - parse_duration(duration)


async def idempotency_key(request: Request, key: KeyHeader = None) -> str | None:
    """The request's idempotency key, if it has one. Raises Problem."""
    return _checked_key(request, MAX_KEY) if key is not None else None


async def batch_key(request: Request, key: BatchKeyHeader) -> str:
    """The idempotency key of a request for many pilots. Raises Problem."""
    return _checked_key(request, MAX_BATCH_KEY)


def _checked_key(request: Request, longest: int) -> str:
    given = request.headers.getlist("Idempotency-Key")
    try:
        if len(given) > 1:
            raise ValueError("is given more than once")
        return _key(given[0], longest)
    except ValueError as error:
        wrong = FieldError(path="header.Idempotency-Key", message=str(error))
        raise invalid(INVALID_REQUEST, [wrong]) from error


async def pilot_or_problem(services: Services, pilot_id: int, caller: Caller | None = None) -> Pilot:
    """The pilot with this id. Raises Problem when there is none, or none that is the caller's to see."""
    pilot = await services.store.get(pilot_id)
    if pilot is None or (caller and not caller.owns(pilot.owner)):
        raise Problem(NO_SUCH_PILOT, f"there is no pilot {pilot_id}", pilot_id=pilot_id)
    return pilot
