"""A pilot of the API in words for a person, on one line and safe to print on a terminal."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NOTHING = "-"


def cell(value: object) -> str:
    """The value on one line. Control characters, which come from sites and users, are spelled out."""
    text = NOTHING if value is None or value == "" else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def moment(value: float | str | None) -> str:
    """A time of the API, in UTC; the API may have spelled it already."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return cell(value)


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
    """One line: `pilot 12: running, batch job 4711 on c1`."""
    parts = [cell(pilot["state"])]
    if pilot.get("goal") == "remove" and pilot["state"] != "removed":
        parts.append("to be removed")
    if pilot.get("batch_id"):
        node = f" on {cell(pilot['node'])}" if pilot.get("node") else ""
        parts.append(f"batch job {cell(pilot['batch_id'])}{node}")
    if (end := ending(pilot)) != NOTHING:
        parts.append(f"exit {end}")
    reason = f" ({cell(pilot['reason'])})" if pilot.get("reason") else ""
    return f"pilot {cell(pilot['id'])}: {', '.join(parts)}{reason}"
