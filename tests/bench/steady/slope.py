"""Whether something grows: the straight line through samples, with its error. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression


@dataclass(frozen=True)
class Slope:
    """By so much in an hour, give or take one standard error."""

    an_hour: float
    error: float


def slope(hours: Sequence[float], values: Sequence[float]) -> Slope | None:
    """By least squares. None with fewer than four samples: they would prove nothing."""
    if len(hours) < 4:
        return None
    line = linear_regression(hours, values)
    rest = sum((y - line.intercept - line.slope * x) ** 2 for x, y in zip(hours, values, strict=True))
    middle = sum(hours) / len(hours)
    spread = sum((x - middle) ** 2 for x in hours)
    return Slope(line.slope, math.sqrt(rest / (len(hours) - 2) / spread))
