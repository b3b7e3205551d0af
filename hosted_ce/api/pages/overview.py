"""The overview: is this CE well, what is to be done, and how much is going on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.charting import Range
from hosted_ce.api.frozen import reason_of
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.charts import CHARTS, RANGES, Back
from hosted_ce.api.pages.templates import page
from hosted_ce.incidents.cause import ABOUT
from hosted_ce.store.filters import Filter

NEWEST = 10
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@router.get("/")
async def overview(
    services: ServicesDep, back: Back = Range.DAY, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """Health first; then counts by state, charts, the clusters, the routes, and the newest pilots."""
    newest, site = await services.event_log.newest(), services.site()
    found = await services.queries.listing(Filter(), limit=NEWEST)
    return page(
        "overview.html",
        version=services.version, site=site, counts=found.counts, newest=newest, refresh=refresh,
        pilots=[(pilot, reason_of(pilot, lambda: site)) for pilot in found.pilots], now=services.now(),
        incidents=await services.incidents.open(), about=ABOUT, charts=CHARTS, back=back, ranges=RANGES,
    )  # fmt: skip
