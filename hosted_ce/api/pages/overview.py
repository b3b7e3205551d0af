"""The overview: is this CE well, what is to be done, and how much is going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from hosted_ce.api.access import StatusAccess
from hosted_ce.api.charting import ChartName, Range, chart_of
from hosted_ce.api.frozen import reason_of
from hosted_ce.api.pages.chart_tables import Table, table_of
from hosted_ce.api.pages.templates import page
from hosted_ce.api.services import Services, ServicesDep
from hosted_ce.rollups.chart import Measure
from hosted_ce.store.filters import Filter
from hosted_ce.store.rollups import By

NEWEST = 10
CHARTS = (
    ("Pilots", ChartName.PILOTS, By.KIND),
    ("Cores that run pilots", ChartName.CORES, By.ROUTE),
    ("Batch jobs that ended", ChartName.ENDED, By.KIND),
    ("Wait in the site's queue", ChartName.WAIT, By.ROUTE),
)
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart: what it is of, where its numbers are, their unit, and a table of them."""

    title: str
    of: str
    address: str
    unit: str
    table: Table


@router.get("/")
async def overview(
    request: Request,
    services: ServicesDep,
    back: Annotated[Range, Query(alias="range")] = Range.DAY,
    refresh: Annotated[bool, Query()] = True,
) -> HTMLResponse:
    """Health first; then counts by state, charts, the clusters, the routes, and the newest pilots."""
    newest, site = await services.event_log.newest(), services.site()
    found = await services.queries.listing(Filter(), limit=NEWEST)
    live = request.headers.get("HX-Source") == "div#live"  # it keeps the charts that it has
    return page(
        "overview.html",
        version=services.version, site=site, counts=found.counts, newest=newest, refresh=refresh,
        pilots=[(pilot, reason_of(pilot, site)) for pilot in found.pilots], now=services.now(),
        charts=[] if live else await _charts(services, back), back=back, ranges=list(Range),
    )  # fmt: skip


async def _charts(services: Services, back: Range) -> list[Drawn]:
    drawn = []
    for title, name, by in CHARTS:
        chart = await chart_of(services, name, back, by)
        address = f"/charts/{name}.json?range={back}&by={by}"
        drawn.append(Drawn(title, _of(chart.measure, back), address, chart.unit, table_of(chart)))
    return drawn


def _of(measure: Measure, back: Range) -> str:
    """What one number of a drawing is. Counts of a day are drawn by the hour."""
    width = {Range.DAY: "5 minutes", Range.WEEK: "an hour", Range.YEAR: "a day"}[back]
    if measure is Measure.COUNT:
        return "in a day" if back is Range.YEAR else "in an hour"
    return f"mean of {width}"
