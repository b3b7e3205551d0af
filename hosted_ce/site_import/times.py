"""Durations as a person writes them."""

from __future__ import annotations

from hosted_ce.site import format_duration

_LONGEST_IN_HOURS = 96


def spell_minutes(minutes: int) -> str:
    """Minutes as the site file has them: `90m`, `24h`, `72h`, and days for what is longer."""
    minutes = min(minutes, 52_560_000)
    hours, rest = divmod(minutes, 60)
    if not rest and hours <= _LONGEST_IN_HOURS:
        return f"{hours}h"
    return format_duration(minutes * 60)
