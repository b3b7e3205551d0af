"""The page of the ramps: how far each route is, what it waits for, and how it came there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.charting import ChartName, Range
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.charts import RANGES, WIDTHS, Back
from hosted_ce.api.pages.templates import page
from hosted_ce.ramp.outlook import Standing
from hosted_ce.store.rollups import ChartBy

NEWEST = 20
"""Steps of each route that are shown."""
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])
BADGES = {
    Standing.AT_TARGET: "ready", Standing.CLIMBING: "ready", Standing.NO_PRESSURE: "idle",
    Standing.FAILING: "degraded", Standing.RESTING: "degraded", Standing.PUSHED_BACK: "refused",
    Standing.SLOW: "degraded", Standing.BLIND: "degraded", Standing.HELD: "down",
    Standing.PAUSED: "paused", Standing.PINNED: "paused",
}  # fmt: skip
"""How each is coloured."""


@router.get("/ramp")
async def ramp(
    services: ServicesDep, back: Back = Range.DAY, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """Where each ramp stands, with its numbers, its chart and its latest steps."""
    newest, views = await services.event_log.newest(), services.ramps.views()
    return page(
        "ramp.html",
        version=services.version, site=services.site(), now=services.now(), newest=newest, refresh=refresh,
        ramps=[(view, await services.ramps.steps(view.route, NEWEST)) for view in views], badges=BADGES,
        back=back, ranges=RANGES, width=WIDTHS[back], chart=ChartName.RAMP, by=ChartBy.KIND,
    )  # fmt: skip
