"""How LSF writes times, sizes and places: text to numbers. Pure; what it does not know is None."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"(?:\w{3} )?(\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))? (\d{4})")
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) ?([KMGTPE]?)(?:B|bytes)?", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)")
_UNITS = {"K": 2**-10, "": 2**-10, "M": 1.0, "G": 2.0**10, "T": 2.0**20, "P": 2.0**30, "E": 2.0**40}
"""KB, where no unit is written."""
_NONE = ("", "-", "N/A", "none")


def moment(text: str | None) -> float | None:
    """Seconds since the epoch of a date with its year, as in `Mar 13 17:32:06 2026`, printed in UTC.

    What stands behind it is left out: `L` and `E` mark times that are not yet. A date without a year is None.
    """
    found = _DATE.match(text or "")
    if not found or (text or "").rstrip().endswith((" L", " E")):
        return None
    month, day, hour, minute, second, year = found.groups()
    try:
        at = datetime(
            int(year),
            _MONTHS.index(month) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return at.timestamp()


def memory_mb(text: str | None) -> int | None:
    """Memory in MB, as in `2 Gbytes`, `512M`, `2097152 K`."""
    found = _SIZE.match(text or "")
    return round(float(found[1]) * _UNITS[found[2].upper()]) if found else None


def number(text: str | None) -> float | None:
    """The number that a text begins with, as in `12 second(s)` or `60.0/hostA`."""
    found = _NUMBER.match(text or "")
    return float(found[1]) if found else None


def whole(text: str | None) -> int | None:
    """The same, whole."""
    found = number(text)
    return None if found is None else int(found)


def hosts(text: str | None) -> str | None:
    """The nodes of `4*hostA:2*hostB`, each once."""
    names = [place.rpartition("*")[2].strip() for place in (text or "").split(":")]
    return ",".join(dict.fromkeys(name for name in names if name not in _NONE)) or None


def word(text: str | None) -> str | None:
    """A text that says something."""
    stripped = (text or "").strip()
    return None if stripped in _NONE else stripped
