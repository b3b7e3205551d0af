"""Which days contributions are asked of, and the answer; for /api/v1/contributions and its page."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import Response

from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.problems.problem import FieldError, invalid
from hosted_ce.api.schemas.contributions import ContributionsOut, as_csv, contributions_out
from hosted_ce.api.services import Services
from hosted_ce.rollups.shares import day_of
from hosted_ce.site import parse_duration
from hosted_ce.site.units import DURATION_PATTERN
from hosted_ce.store.contributions import By

DATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
EPOCH = date(1970, 1, 1).toordinal()
CSV = "text/csv"
DEFAULT_SINCE = "30d"


def _day(text: str) -> str:
    day_in(text, 0.0)
    return text


WhichDay = Annotated[
    str,
    Field(max_length=40, json_schema_extra={"pattern": f"{DATE_PATTERN}|{DURATION_PATTERN}"}),
    AfterValidator(_day),
]


class Wanted(BaseModel):
    """Which contributions are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: WhichDay = Field(
        default=DEFAULT_SINCE, description="The first day of UTC: `2026-03-01`; or `30d`, so long ago.",
        examples=["30d", "2026-03-01"],
    )  # fmt: skip
    until: WhichDay | None = Field(
        default=None, description="The last day, which is included; today if it is left out.",
        examples=["2026-03-31"],
    )  # fmt: skip
    by: By = Field(default=By.VO, description="What is summed up.")

    def days(self, now: float) -> tuple[int, int]:
        """The first and the last day, since the epoch. Raises Problem."""
        first = day_in(self.since, now)
        last = day_of(now) if self.until is None else day_in(self.until, now)
        if first > last:
            said = f"{shown(first)} is later than the last day, {shown(last)}"
            raise invalid(INVALID_REQUEST, [FieldError(path="query.since", message=said)])
        return first, last


def day_in(text: str, now: float) -> int:
    """The day since the epoch that the text names. Raises ValueError, hosted_ce.site.BadValue."""
    if re.fullmatch(DATE_PATTERN, text):
        return date.fromisoformat(text).toordinal() - EPOCH
    return day_of(now - parse_duration(text))


def shown(day: int) -> str:
    """A day since the epoch as `2026-03-01`."""
    return date.fromordinal(EPOCH + day).isoformat()


def csv_response(found: ContributionsOut) -> Response:
    """The rows as a file for spreadsheets."""
    name = f"contributions-by-{found.by.value}-{found.since}-to-{found.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(found.rows, found.by), media_type=CSV, headers=headers)


async def contributed(services: Services, wanted: Wanted) -> ContributionsOut:
    """What the site gave. Raises Problem."""
    now = services.now()
    first, last = wanted.days(now)
    found = await services.contributions.between(first, last, wanted.by, now)
    known_since = None if found.first_day is None else shown(found.first_day)
    return contributions_out(found, wanted.by, (shown(first), shown(last)), known_since)
