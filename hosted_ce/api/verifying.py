"""Of which time contributions are verified, and the answer; for /api/v1/site/verification and its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hosted_ce.api.parameters import Duration, Name
from hosted_ce.api.ports.verifier import Verifier
from hosted_ce.api.schemas.verification import VerificationOut, route_out
from hosted_ce.api.times import rfc3339
from hosted_ce.site import parse_duration
from hosted_ce.verification.markdown import ONLY_PILOTS
from hosted_ce.verification.report import RouteReport

SHORTEST_S, LONGEST_S = 3600, 90 * 86400
DEFAULT_SINCE = "7d"


def _within(text: str) -> str:
    if not SHORTEST_S <= parse_duration(text) <= LONGEST_S:
        raise ValueError("give an hour at least, and 90 days at most")
    return text


Since = Annotated[
    Duration, AfterValidator(_within), Query(description="How far back: `24h`, `7d`, `30d`.", examples=["7d"])
]


def seconds_of(since: str) -> float:
    """How far back that is."""
    return float(parse_duration(since))


class Wanted(BaseModel):
    """Of which runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Annotated[Duration, AfterValidator(_within)] = Field(
        default=DEFAULT_SINCE, description="Runs that ended at most so long ago: `24h`, `7d`, `30d`.",
        examples=["7d"],
    )  # fmt: skip
    route: Name | None = Field(default=None, description="Only of this route.")

    @property
    def seconds(self) -> float:
        """How long ago."""
        return seconds_of(self.since)


async def reported(verifier: Verifier, wanted: Wanted) -> list[RouteReport]:
    """The reports that are wanted."""
    found = await verifier.reports(wanted.seconds)
    return [one for one in found if wanted.route in (None, one.route)]


def verification_out(reports: Sequence[RouteReport], wanted: Wanted, now: float) -> VerificationOut:
    """The answer as JSON."""
    return VerificationOut(
        since=rfc3339(now - wanted.seconds), until=rfc3339(now), only_pilots=ONLY_PILOTS,
        routes=[route_out(one) for one in reports],
    )  # fmt: skip
