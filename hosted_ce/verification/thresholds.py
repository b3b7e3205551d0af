"""From where on something is said. Below, it is noise."""

from __future__ import annotations

ENOUGH_RUNS = 20
"""A route with fewer runs that are over is not judged at all."""
FEW = 3
"""What happened to fewer runs than this is not told."""
PART = 0.05
"""What happened to a smaller part of the runs than this is not told."""


def worth_telling(runs: int, of: int) -> bool:
    """Whether so many runs of so many are more than chance."""
    return runs >= FEW and runs >= PART * of
