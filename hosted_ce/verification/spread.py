"""How numbers are spread: the middle and both ends, since a mean hides what is worth knowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Of percents: a tenth of the runs is at or below `p10`, half at or below `median`, nine tenths `p90`."""

    p10: int
    median: int
    p90: int
    runs: int
    """Those of which it is known."""


def spread_of(counts: Mapping[int, int]) -> Spread | None:
    """Of runs by percent; None where there are none."""
    runs = sum(counts.values())
    if not runs:
        return None
    p10, median, p90 = (_at(counts, runs * tenths / 10) for tenths in (1, 5, 9))
    return Spread(p10, median, p90, runs)


def _at(counts: Mapping[int, int], rank: float) -> int:
    """The least percent such that so many runs are at or below it."""
    below = 0
    for percent in sorted(counts):
        below += counts[percent]
        if below >= rank:
            return percent
    raise ValueError("more runs were asked for than there are")
