"""A pilot of the API in words for a person: on one line, and safe to print on a terminal."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from datetime import datetime
from time import time as clock
from typing import Any

NOTHING = "-"
WORK = "pilot"
"""The purpose of a pilot that goes without saying."""
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_FRACTION = re.compile(r"\.[0-9]+(?=Z)")


def spelled(text: str) -> str:
    """The text with control characters, which may come from sites and users, spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def cell(value: object) -> str:
    """The value on one line; never empty, so that columns can be counted."""
    return NOTHING if value is None or value == "" else spelled(str(value))


def to_the_second(time: str | None) -> str:
    """A time of the API (RFC 3339, UTC) without fractions."""
    return _FRACTION.sub("", cell(time))


def to_the_minute(time: str | None) -> str:
    """A time of the API in short, such as `03-01 12:30`."""
    return cell(time)[5:16].replace("T", " ") or NOTHING


def ago(time: str, now: float | None = None) -> str:
    """How far a time of the API is from now (seconds since the epoch): `2h 5m ago`, or `in 40s`."""
    left = datetime.fromisoformat(time).timestamp() - (clock() if now is None else now)
    return f"in {span(left)}" if left > 0 else f"{span(-left)} ago"


def span(seconds: float) -> str:
    """A time in two words at most: `3d 4h`, `2h 5m`, `40s`."""
    left, parts = int(seconds), list[str]()
    for size, unit in _UNITS:
        if left >= size or (unit == "s" and not parts):
            parts.append(f"{left // size}{unit}")
        left %= size
    return " ".join(parts[:2])


def ending(pilot: Mapping[str, Any]) -> str:
    """The exit code, or the signal's name."""
    number = pilot.get("exit_signal")
    if not number:
        return cell(pilot.get("exit_code"))
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal-{number}"


def summary(pilot: Mapping[str, Any]) -> str:
    """One line, such as `pilot 12: running, batch job 4711 on c1`; of one of many, what was told of it."""
    parts = [cell(pilot["state"])]
    if pilot.get("purpose", WORK) != WORK:
        parts.insert(0, f"a {cell(pilot['purpose'])}")
    if pilot.get("batch_id"):
        node = f" on {cell(pilot['node'])}" if pilot["node"] else ""
        parts.append(f"batch job {cell(pilot['batch_id'])}{node}")
    if pilot.get("reason"):
        return f"pilot {pilot['id']}: {', '.join(parts)} ({cell(pilot['reason'])})"
    if (end := ending(pilot)) != NOTHING:
        parts.append(f"exit {end}")
    return f"pilot {pilot['id']}: {', '.join(parts)}"
