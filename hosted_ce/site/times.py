"""Days, clock times and time zones as people write them in a site file."""

from __future__ import annotations

import re
from datetime import time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hosted_ce.site.errors import BadValue, name_value, quote

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_PATTERN = f"^({'|'.join(DAYS)})$"
CLOCK_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


def check_day(text: str) -> str:
    """One of `mon` to `sun`."""
    if text not in DAYS:
        raise BadValue(f"{quote(text)} is not a day of the week", f"write one of {', '.join(DAYS)}")
    return text


def read_clock(value: object) -> str:
    """A time of the day as `HH:MM`."""
    if not isinstance(value, str):
        raise BadValue(
            f"a time of the day is expected here, not {name_value(value)}", 'write "18:00", in quotes'
        )
    if not re.fullmatch(CLOCK_PATTERN, value):
        raise BadValue(f"{quote(value)} is not a time of the day", 'write it as "08:00" or "18:30"')
    return value


def time_of(text: str) -> time:
    """The time that `read_clock` took."""
    return time.fromisoformat(text)


def check_zone(text: str) -> str:
    """A time zone of the IANA database that is on this machine."""
    if text not in _zones():
        raise BadValue(f"{quote(text)} is not a time zone", "write UTC, or a name such as America/Chicago")
    ZoneInfo(text)
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
