"""Numbers and times in words."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def span(seconds: float) -> str:
    """A length of time in its two largest units: `2 h 5 min`, `40 s`."""
    left, parts = max(0, round(seconds)), list[str]()
    for size, unit in _UNITS:
        if left >= size and len(parts) < 2:  # noqa: PLR2004
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts) or "0 s"


def percent(share: float) -> str:
    """A share as `10 %`."""
    return f"{share * 100:g} %"


def classes(failed: Mapping[str, int]) -> str:
    """Failures by class, most first: `3 no cvmfs, 1 vanished`."""
    order = sorted(failed.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in order)
