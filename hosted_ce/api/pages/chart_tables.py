"""Charts as tables of a few rows, for who does not see the drawing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hosted_ce.api.charting import ChartOut
from hosted_ce.rollups.chart import Measure

MOST_ROWS = 28


@dataclass(frozen=True, slots=True)
class Table:
    """Names of the columns, and rows: when a part of the time began, and its numbers; None: not known."""

    names: tuple[str | None, ...]
    rows: tuple[tuple[int, tuple[float | None, ...]], ...]


def table_of(chart: ChartOut) -> Table:
    """The chart with some of its buckets taken together, the newest first."""
    size = -(-len(chart.x) // MOST_ROWS) or 1
    parts = [slice(max(0, end - size), end) for end in range(len(chart.x), 0, -size)]
    rows = (
        (chart.x[part][0], tuple(_together(line.y[part], chart.measure) for line in chart.lines))
        for part in parts
    )
    return Table(tuple(line.name for line in chart.lines), tuple(rows))


def _together(values: Sequence[float | None], measure: Measure) -> float | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return sum(known) if measure is Measure.COUNT else sum(known) / len(known)
