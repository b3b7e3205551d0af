"""Whether failures are more than chance, for few pilots as well as for many."""

from __future__ import annotations

from math import comb, sqrt

DOUBT = 0.05
"""Less likely than this is taken for no chance."""
LEAST = 2
"""One failure alone proves nothing."""
MANY = 500
"""Of more than these the share alone is as good, and sums of large numbers are not needed."""
_ROUNDING = 1e-9


def too_many(failed: int, judged: int, share: float) -> bool:
    """Whether so many failures of so many pilots would be a rare chance at a site where `share` of them fail.

    Rare: such a site would show as many, or more, less than once in twenty times.
    """
    if failed < LEAST or failed <= share * judged:
        return False
    if judged > MANY:
        return failed > share * judged + 2 * sqrt(judged * share * (1 - share))
    fewer: float = sum(comb(judged, k) * share**k * (1 - share) ** (judged - k) for k in range(failed))
    return 1.0 - fewer <= DOUBT + _ROUNDING


def allowed(judged: int, share: float) -> int:
    """How many of so many pilots may have failed for the cap to go up: the share of them, and always one."""
    return max(1, int(share * judged + _ROUNDING))
