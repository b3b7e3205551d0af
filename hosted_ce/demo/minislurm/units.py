"""Slurm's way to write time limits and memory: pure text."""

from __future__ import annotations

import re

_DAYS = re.compile(r"(\d+)-(?:(\d+)(?::(\d+)(?::(\d+))?)?)?\Z")
_CLOCK = re.compile(r"(?:(\d+):(?=\d+:))?(\d+)(?::(\d+))?\Z")
_MEMORY = re.compile(r"(\d+)([KMGT]?)B?\Z", re.IGNORECASE)
_UNLIMITED = ("unlimited", "infinite", "-1")
_KB = {"K": 1, "": 1024, "M": 1024, "G": 1024**2, "T": 1024**3}
UNLIMITED = -1


def time_limit(text: str) -> int:
    """Minutes, rounded up, or UNLIMITED.

    `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours[:minutes[:seconds]]`.
    Raises ValueError for anything else.
    """
    if text.lower() in _UNLIMITED:
        return UNLIMITED
    if days := _DAYS.match(text):
        day, hour, minute, second = (int(group or 0) for group in days.groups())
        return _minutes(day * 24 + hour, minute, second)
    if clock := _CLOCK.match(text):
        return _minutes(*(int(group or 0) for group in clock.groups()))
    raise ValueError(f"not a time limit: {text!r}")


def _minutes(hours: int, minutes: int, seconds: int) -> int:
    return hours * 60 + minutes + -(-seconds // 60)


def megabytes(text: str) -> int:
    """Memory in MB, rounded up; a bare number is MB. Raises ValueError."""
    memory = _MEMORY.match(text)
    if not memory:
        raise ValueError(f"not an amount of memory: {text!r}")
    return -(-int(memory[1]) * _KB[memory[2].upper()] // 1024)


def duration(seconds: float) -> str:
    """`[days-]hours:minutes:seconds`, or `minutes:seconds` below an hour, as squeue prints it."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}-{hour:02}:{minute:02}:{second:02}"
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def full_duration(seconds: float) -> str:
    """`[days-]HH:MM:SS`, as sacct prints it."""
    days, rest = divmod(max(0, int(seconds)), 24 * 3600)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days}-{clock}" if days else clock
