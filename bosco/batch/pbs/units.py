"""How PBS writes sizes, durations, times and places: text to numbers. Pure; what it does not know is None."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SIZE = re.compile(r"(\d{1,18})([kmgtp]?)([bw]?)\Z", re.IGNORECASE)
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}
_WORD = 8
"""Bytes of a word, the `w` of some sizes."""
_TIME = re.compile(r"(?:(?:(\d{1,9}):)?(\d{1,9}):)?(\d{1,15})(?:\.\d+)?\Z")
_DATE = re.compile(r"\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})\Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INTEGER = re.compile(r"-?\d{1,15}\Z")
_CHUNK = re.compile(r"(?:(\d{1,6})|[\w.-]+)(?::|\Z)")


def integer(text: str | None) -> int | None:
    """A number, also a negative one."""
    return int(text) if text and _INTEGER.match(text) else None


def memory_mb(text: str | None) -> int | None:
    """Memory in MB, as in `102400kb`, `100mb` or `2gb`. Less than one MB is none of it."""
    found = _SIZE.match(text or "")
    if not found:
        return None
    each = _WORD if found[3].lower() == "w" else 1
    return round(int(found[1]) * each * _UNITS[found[2].lower()] / 2**20)


def duration_s(text: str | None) -> int | None:
    """Seconds of `[[hours:]minutes:]seconds`, or of a number of seconds."""
    found = _TIME.match(text or "")
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def walltime(seconds: int) -> str:
    """A duration as qsub takes it."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment(text: str | None) -> float | None:
    """Seconds since the epoch of a date as in `Sun Nov 22 05:23:09 2026`, printed in UTC, or of a number."""
    found = _DATE.match(text or "")
    if not found:
        number = integer(text)
        return float(number) if number and number > 0 else None
    month, day, hour, minute, second, year = found.groups()
    try:
        at = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        return None
    return at.timestamp()


def hosts(exec_host: str | None) -> str | None:
    """The nodes of `node1/0*2+node2/1`, each once."""
    names = [place.split("/")[0] for place in (exec_host or "").split("+")]
    return ",".join(dict.fromkeys(name for name in names if name)) or None


def of_nodes(nodes: str | None, what: str) -> int | None:
    """How many of `what` (`ppn`, `gpus`) Torque's `nodes=2:ppn=4:gpus=1+1:ppn=2` asks for in all."""
    total = 0
    for chunk in nodes.split("+") if nodes else ():
        found = _CHUNK.match(chunk)
        each = integer(dict(part.partition("=")[::2] for part in chunk.split(":")).get(what))
        if not found:
            return None
        total += int(found[1] or 1) * (each if each is not None else int(what == "ppn"))
    return total or None
