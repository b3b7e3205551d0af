"""Columns for a chart, made of buckets: a gap is None, and never 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hosted_ce.rollups.buckets import DAILY, DAY_S, FINE, HOURLY, Level, start_of
from hosted_ce.rollups.points import Amount, Series

SETTLE_S = 60.0
"""A bucket is in the charts so long after its end: by then it is written down."""


class Measure(StrEnum):
    """How a bucket's sums become a number."""

    MEAN_OVER_TIME = "mean_over_time"
    COUNT = "count"
    MEAN = "mean"


class Period(NamedTuple):
    """A range of time that ends now, and its buckets."""

    seconds: int
    level: Level


PERIODS = {
    "24h": Period(DAY_S, FINE),
    "7d": Period(7 * DAY_S, HOURLY),
    "1y": Period(366 * DAY_S, DAILY),
}
_MEASURES = {
    Series.PILOTS: Measure.MEAN_OVER_TIME, Series.CORES: Measure.MEAN_OVER_TIME, Series.ENDED: Measure.COUNT,
    Series.RAMP: Measure.MEAN_OVER_TIME,
    Series.SUBMIT: Measure.MEAN, Series.WAIT: Measure.MEAN,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's columns. `x`: when each bucket began; a line has a number, or None, for each of them."""

    step_s: int
    x: Sequence[int]
    lines: Mapping[str, Sequence[float | None]]
    watched: Sequence[float]
    """Which part of each bucket the CE looked at it, 0 to 1."""


def grid(period: Period, now: float) -> range:
    """When the buckets of a period began; the last one may still go on."""
    width = period.level.width_s
    settled = start_of(now - SETTLE_S, FINE.width_s)
    last = start_of(settled - 1, width)
    return range(start_of(now - period.seconds, width) + width, last + width, width)


def chart(
    series: Series, x: range, points: Iterable[tuple[int, str, Amount]], watched: Mapping[int, float]
) -> Chart:
    """The columns. `points`: start of the bucket, line and sums; `watched`: seconds by start."""
    lines: dict[str, dict[int, Amount]] = {}
    for start, name, amount in points:
        lines.setdefault(name, {})[start] = amount
    measure, step = _MEASURES[series], x.step
    columns = {
        name: [_value(measure, found.get(start), watched.get(start, 0.0)) for start in x]
        for name, found in sorted(lines.items())
    }
    return Chart(step, list(x), columns, [min(1.0, watched.get(start, 0.0) / step) for start in x])


def measure_of(series: Series) -> Measure:
    """How its buckets become numbers."""
    return _MEASURES[series]


def nothing(series: Series, of: Chart) -> list[float | None]:
    """A further line of a chart, of what there is nothing: 0 while somebody looked."""
    return [_value(_MEASURES[series], None, part) for part in of.watched]


def _value(measure: Measure, found: Amount | None, watched: float) -> float | None:
    if measure is Measure.MEAN:
        return found.amount / found.weight if found and found.weight else None
    if measure is Measure.MEAN_OVER_TIME:
        return (found.amount if found else 0.0) / watched if watched else None
    if found is None:
        return 0.0 if watched else None
    return found.amount
