"""Charts as columns, for /api/v1/charts and for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from hosted_ce.api.services import Services
from hosted_ce.rollups.chart import PERIODS, Chart, Measure, measure_of, nothing
from hosted_ce.rollups.points import Series
from hosted_ce.store.rollups import OPEN_STATES, ChartBy

WITH_KINDS = frozenset({Series.PILOTS, Series.ENDED, Series.RAMP})
"""Those that can be drawn by state or class; a chart of any other has one line instead."""
RAMP_KINDS = ("cap", "target", "at_site")
DIGITS = 4
"""Of a number behind the point."""


class ChartName(StrEnum):
    """What there are charts of."""

    PILOTS = "pilots"
    IDLE = "idle"
    RUNNING = "running"
    HELD = "held"
    UNKNOWN = "unknown"
    CORES = "cores"
    ENDED = "ended"
    SUBMIT = "submit"
    WAIT = "wait"
    RAMP = "ramp"


class Range(StrEnum):
    """How far a chart goes back, and with it how wide its buckets are: 5 minutes, an hour, a day."""

    DAY = "24h"
    WEEK = "7d"
    YEAR = "1y"


class _Of(NamedTuple):
    series: Series
    unit: str
    kind: str | None = None


_CHARTS = {
    ChartName.PILOTS: _Of(Series.PILOTS, "pilots"),
    **{name: _Of(Series.PILOTS, "pilots", name.value) for name in ChartName if name.value in OPEN_STATES},
    ChartName.CORES: _Of(Series.CORES, "cores"),
    ChartName.ENDED: _Of(Series.ENDED, "attempts"),
    ChartName.SUBMIT: _Of(Series.SUBMIT, "seconds"),
    ChartName.WAIT: _Of(Series.WAIT, "seconds"),
    ChartName.RAMP: _Of(Series.RAMP, "pilots"),
}


class Line(BaseModel):
    """One line of a chart."""

    name: str | None = Field(
        description="The route, state or class; `total`; null: pilots without a route.", examples=["large"]
    )
    y: list[float | None] = Field(
        description="A number for each of `x`; null: not known.", examples=[[12.0, 12.5, None]]
    )


class ChartOut(BaseModel):
    """Columns of the same length: for uPlot, `[x, ...lines.map(line => line.y)]`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "series": "running", "range": "24h", "by": "route", "unit": "pilots",
                "measure": "mean_over_time", "step_s": 300, "x": [1772366400, 1772366700, 1772367000],
                "lines": [{"name": "large", "y": [12.0, 12.5, None]}], "watched": [1.0, 0.9, 0.0],
            }
        }
    )  # fmt: skip

    series: ChartName
    range: Range
    by: ChartBy = Field(description="What the lines are of: `total` where there are no kinds.")
    unit: str = Field(description="pilots, cores, attempts or seconds.")
    measure: Measure = Field(
        description="`mean_over_time`: the mean while the CE looked. `count`: how many there were in the "
        "bucket. `mean`: of those that there were in the bucket."
    )
    step_s: int = Field(description="Width of a bucket, in seconds.")
    x: list[int] = Field(description="When each bucket began, in seconds since the epoch; evenly spaced.")
    lines: list[Line]
    watched: list[float] = Field(
        description="Which part of each bucket the CE looked at it, 0 to 1; the last one may still go on."
    )


async def chart_of(
    services: Services, name: ChartName, range_: Range, by: ChartBy, *, route: str | None = None
) -> ChartOut:
    """The chart as of now, of all routes or of one. Of ramps, caps alone add up."""
    of, period = _CHARTS[name], PERIODS[range_.value]
    if by is ChartBy.KIND and of.series not in WITH_KINDS:
        by = ChartBy.TOTAL
    if of.series is Series.RAMP and by is not ChartBy.KIND:
        of = of._replace(kind=RAMP_KINDS[0])
    found = await services.rollups.chart(of.series, period, by, services.now(), kind=of.kind, route=route)
    return ChartOut(
        series=name, range=range_, by=by, unit=of.unit, measure=measure_of(of.series), step_s=found.step_s,
        x=list(found.x), watched=[round(part, DIGITS) for part in found.watched],
        lines=[Line(name=each, y=y) for each, y in _lines(found, of, by).items()],
    )  # fmt: skip


def _lines(found: Chart, of: _Of, by: ChartBy) -> Mapping[str | None, list[float | None]]:
    """Those that there are always come first, also where there is nothing."""
    drawn = {_name(name, by): [_rounded(each) for each in y] for name, y in found.lines.items()}
    always = {ChartBy.TOTAL: ["total"], ChartBy.KIND: _kinds(of), ChartBy.ROUTE: []}[by]
    return {name: nothing(of.series, found) for name in always} | drawn


def _kinds(of: _Of) -> list[str]:
    if of.kind is not None:
        return [of.kind]
    return {Series.PILOTS: list(OPEN_STATES), Series.RAMP: list(RAMP_KINDS)}.get(of.series, [])


def _name(name: str, by: ChartBy) -> str | None:
    return "total" if by is ChartBy.TOTAL else name or None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
