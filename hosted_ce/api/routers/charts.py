"""Charts: numbers over a day, a week and a year."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from hosted_ce.api.callers.access import StatusAccess, Viewer
from hosted_ce.api.charting import ChartName, ChartOut, Range, chart_of
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Word
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.store.rollups import ChartBy

router = APIRouter(tags=["charts"])
Name = Annotated[
    ChartName,
    Path(
        description="`pilots`: those that are not over, by state; or `idle`, `running`, `held`, `unknown` "
        "alone. `cores`: asked by those that run. `ended`: attempts, by class. `submit`: from the beginning "
        "of an attempt to its batch job's id. `wait`: in the site's queue, of jobs that started. `ramp`: "
        "pilots that ramps admit; by kind also their targets, and the pilots that are there."
    ),
]
Back = Annotated[Range, Query(alias="range", description="How far back: buckets of 5 min, an hour, a day.")]
OfRoute = Annotated[Word | None, Query(description="Of this route alone.")]
Lines = Annotated[ChartBy, Query(description="A line for all, for each route, or for each state or class.")]


@router.get("/api/v1/charts/{series}", responses=guarded_problems(INVALID_REQUEST))
async def get_chart(
    services: ServicesDep, _: Viewer, series: Name, back: Back = Range.DAY, by: Lines = ChartBy.TOTAL,
    route: OfRoute = None,
) -> ChartOut:  # fmt: skip
    """Numbers over time as columns. A time at which nobody looked is null, and never 0."""
    return await chart_of(services, series, back, by, route=route)


@router.get("/charts/{series}.json", dependencies=[StatusAccess], include_in_schema=False)
async def get_chart_for_pages(
    services: ServicesDep, series: ChartName, back: Back = Range.DAY, by: Lines = ChartBy.TOTAL,
    route: OfRoute = None,
) -> ChartOut:  # fmt: skip
    """The same for the pages, which are read without the token where status is public."""
    return await chart_of(services, series, back, by, route=route)
