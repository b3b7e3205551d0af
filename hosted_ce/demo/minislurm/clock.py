"""Times as Slurm's commands write and read them."""

from __future__ import annotations

import os
import re
import time
from datetime import datetime

from .errors import Refused

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 24 * 3600, "week": 7 * 24 * 3600}
_RELATIVE = re.compile(r"now(?:([+-]\d+)([a-z]*?)s?)?\Z")
_EPOCH = re.compile(r"uts(\d+)\Z")


def written(moment: float | None, unset: str) -> str:
    """A time in the format of `SLURM_TIME_FORMAT` (`%s`: seconds since the epoch), `unset` for none."""
    if moment is None:
        return unset
    form = os.environ.get("SLURM_TIME_FORMAT", "standard")
    if form == "%s":
        return str(int(moment))
    return time.strftime("%Y-%m-%dT%H:%M:%S" if form == "standard" else form, time.localtime(moment))


def parsed(text: str, now: float) -> float:
    """`utsEPOCH`, `now`, `now-2hours`, or an ISO date with or without a time. Raises Refused.

    A bare number of seconds is no time for Slurm either.
    """
    if epoch := _EPOCH.match(text):
        return float(epoch[1])
    if relative := _RELATIVE.match(text):
        return now + int(relative[1] or 0) * _unit(relative[2] or "second", text)
    try:
        if "-" in text:
            return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    raise _not_a_time(text)


def midnight(now: float) -> float:
    """When today began here."""
    today = datetime.fromtimestamp(now).astimezone()
    return today.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _unit(name: str, text: str) -> int:
    units = [seconds for unit, seconds in _UNITS.items() if unit.startswith(name)]
    if not units:
        raise _not_a_time(text)
    return units[0]


def _not_a_time(text: str) -> Refused:
    return Refused(f"Invalid time specification (pos=0): {text}")
