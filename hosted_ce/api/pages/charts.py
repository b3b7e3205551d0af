"""The charts of the overview: what they are of, and a page that says the same in tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.charting import ChartName, Range, chart_of
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.chart_tables import table_of
from hosted_ce.api.pages.templates import page
from hosted_ce.store.rollups import ChartBy

Back = Annotated[Range, Query(alias="range")]
WIDTHS = {Range.DAY: "5 minutes", Range.WEEK: "an hour", Range.YEAR: "a day"}
RANGES = {Range.DAY: "24 hours", Range.WEEK: "7 days", Range.YEAR: "a year"}
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart of the overview; `counted`: its numbers are how many there were, else they are means."""

    title: str
    name: ChartName
    by: ChartBy
    counted: bool = False

    def address(self, back: Range) -> str:
        """Where its numbers are."""
        return f"/charts/{self.name}.json?range={back}&by={self.by}"

    def of(self, back: Range) -> str:
        """What one number of the drawing is. Counts of a day are drawn by the hour."""
        if self.counted:
            return "in a day" if back is Range.YEAR else "in an hour"
        return f"mean of {WIDTHS[back]}"


CHARTS = (
    Drawn("Pilots", ChartName.PILOTS, ChartBy.KIND),
    Drawn("Cores that run pilots", ChartName.CORES, ChartBy.ROUTE),
    Drawn("Batch jobs that ended", ChartName.ENDED, ChartBy.KIND, counted=True),
    Drawn("Wait in the site's queue", ChartName.WAIT, ChartBy.ROUTE),
)


@router.get("/charts")
async def charts(services: ServicesDep, back: Back = Range.DAY) -> HTMLResponse:
    """The tables. They are a page of their own, since they cost more than the rest of the overview."""
    found = [(drawn, await chart_of(services, drawn.name, back, drawn.by)) for drawn in CHARTS]
    return page(
        "charts.html", version=services.version, site=services.site(), back=back, ranges=RANGES,
        charts=[(drawn, chart.unit, table_of(chart)) for drawn, chart in found],
    )  # fmt: skip
