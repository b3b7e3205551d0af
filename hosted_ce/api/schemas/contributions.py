"""Contributions as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Annotated

from pydantic import BaseModel, Field

from hosted_ce.api.spreadsheets import spreadsheet_safe
from hosted_ce.rollups.buckets import HOUR_S
from hosted_ce.store.contributions import By, Contributed, Contribution

MOST = 1000
DIGITS = 4
Hours = Annotated[float, Field(examples=[1234.5])]
Day = Annotated[
    str, Field(json_schema_extra={"format": "date"}, description="A day of UTC.", examples=["2026-03-01"])
]


class ContributionOut(BaseModel):
    """What the site gave, in core hours: cores times hours. What nobody knows is null, or counted apart."""

    name: str | None = Field(
        description="The VO, route, entry or cluster; null: pilots without one.", examples=["osg"]
    )
    ended: int = Field(description="Attempts that ran, and ended in these days.")
    never_ran: int = Field(description="Attempts that were over before they ran.")
    not_known: int = Field(
        description="Attempts that ended, and of whose run nobody knows how long it was: in no other number."
    )
    running: int = Field(description="Attempts that run now, and did so in these days.")
    running_not_known: int = Field(description="Those of them of which nobody knows since when they run.")
    asked: Hours | None = Field(
        description="Cores asked, times the walltime asked, of those that ran and ended."
    )
    granted: Hours = Field(description="Cores granted, times the time for which they ran in these days.")
    running_so_far: Hours = Field(description="The part of granted of those that still run.")
    assumed: Hours = Field(
        description="The part of granted, of those that ended, where the batch system does not say how many "
        "cores it gave: those that were asked are counted."
    )
    used: Hours | None = Field(description="CPU time of those that ended, where it is known.")
    used_of: Hours = Field(description="The part of granted of which the CPU time is known: `used` is of it.")
    failed: Hours = Field(description="The part of granted of runs that ran nobody's job.")
    early: Hours = Field(description="The part of granted of runs that something else ended.")
    unclassed: Hours = Field(description="The part of granted of runs of whose end nobody knows the class.")
    mean_wait_s: float | None = Field(
        description="Seconds in the site's queue, mean of those that ran and ended."
    )


class ContributionsOut(BaseModel):
    """What the site gave to pilots in some days, the largest part first."""

    by: By
    since: Day
    until: Day
    first_day: Day | None = Field(
        description="The first day of which anything is on record; null: there is none."
    )
    rows: list[ContributionOut]
    left_out: int = Field(description=f"How many more there are: {MOST} at most are shown.")
    total: ContributionOut = Field(description="All of them, also those left out; its name is null.")


def contributions_out(
    found: Contributed, by: By, days: Sequence[str], first_day: str | None
) -> ContributionsOut:
    """The answer as JSON; `days`: the first and the last one that were asked for."""
    total = reduce(_plus, found.rows, Contribution(None))
    return ContributionsOut(
        by=by, since=days[0], until=days[1], first_day=first_day,
        rows=[contribution_out(each) for each in found.rows[:MOST]],
        left_out=max(0, len(found.rows) - MOST), total=contribution_out(total),
    )  # fmt: skip


def _plus(one: Contribution, other: Contribution) -> Contribution:
    return Contribution(
        None, one.share.plus(other.share), one.running + other.running, one.running_s + other.running_s,
        one.running_not_known + other.running_not_known,
    )  # fmt: skip


def contribution_out(of: Contribution) -> ContributionOut:
    """One row as JSON."""
    share = of.share
    return ContributionOut(
        name=of.name, ended=share.ended, never_ran=share.never_ran, not_known=share.not_known,
        running=of.running, running_not_known=of.running_not_known,
        asked=_hours(share.asked_s) if share.asked_s else None,
        granted=_hours(share.granted_s + of.running_s), running_so_far=_hours(of.running_s),
        assumed=_hours(share.assumed_s), used=_hours(share.used_s) if share.used_of_s else None,
        used_of=_hours(share.used_of_s), failed=_hours(share.failed_s), early=_hours(share.early_s),
        unclassed=_hours(share.unknown_s),
        mean_wait_s=round(share.wait_s / share.waits, DIGITS) if share.waits else None,
    )  # fmt: skip


def _hours(seconds: float) -> float:
    return round(seconds / HOUR_S, DIGITS)


def as_csv(rows: Iterable[ContributionOut], by: By) -> str:
    """The rows as CSV (RFC 4180): titles first, an empty cell for null."""
    text = io.StringIO()
    names = [*ContributionOut.model_fields]
    writer = csv.writer(text)
    writer.writerow([by.value, *names[1:]])
    writer.writerows([spreadsheet_safe(getattr(row, name)) for name in names] for row in rows)
    return text.getvalue()
