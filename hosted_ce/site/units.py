"""Durations and amounts of memory as people write them, and as whole seconds and whole MB.

One GB is 1024 MB here, as it is for Slurm, PBS and HTCondor: the MB of a batch system is a MiB.
"""

from __future__ import annotations

import re
from decimal import Decimal

from hosted_ce.site.errors import BadValue, quote

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_MEGABYTES = {"M": 1, "G": 1_024, "T": 1_024 * 1_024}

_LONGEST = 36_500 * _SECONDS["d"]
_LARGEST = 1_048_576 * _MEGABYTES["T"]

_SIMPLE = "".join(f"(?:([0-9]{{1,9}}) *{unit} *)?" for unit in _SECONDS)
_CLOCK = r"(?:([0-9]{1,6})-)?([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])"

DURATION_PATTERN = "^(?:(?=[0-9])" + re.sub(r"\((?!\?)", "(?:", f"{_SIMPLE}|{_CLOCK}") + ")$"
"""What `parse_duration` accepts, as a regular expression that JSON schema and Python both understand.

Sums above 36500 days match too, and are refused.
"""

MEMORY_PATTERN = r"^[0-9]{1,13}(?:\.[0-9]{1,6})? *[MGT](?:i?B)?$"
"""What `parse_memory` accepts. Amounts above 1 EB, or not a whole number of MB, match and are refused."""

_DURATION_FORMS = "write 72h, 90m or 3d"
_MEMORY_FORMS = "write 32 GB, 2048 MB or 1.5 TB"


def parse_duration(text: str) -> int:
    """Seconds of a duration: `72h`, `3d`, `90m`, `30s`, `1d 12h`, or Slurm's `72:00:00` and `3-00:00:00`.

    Raises BadValue above 36500d, and for a bare number: minutes to one tool are seconds to the next.
    """
    stripped = text.strip()
    match = re.fullmatch(_CLOCK, stripped) or re.fullmatch(_SIMPLE, stripped)
    if not stripped or match is None:
        raise _not_a_duration(stripped)
    counts = match.groups(default="0")
    seconds = sum(int(count) * size for count, size in zip(counts, _SECONDS.values(), strict=True))
    if seconds > _LONGEST:
        raise BadValue(f"{quote(stripped)} is too long", f"the most is {format_duration(_LONGEST)}")
    return seconds


def _not_a_duration(text: str) -> BadValue:
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", text):
        return BadValue(
            f"{text} has no unit", f"write {text}h for hours, {text}m for minutes or {text}s for seconds"
        )
    if re.fullmatch(r"[0-9]+:[0-9]+", text):
        first, second = text.split(":")
        return BadValue(
            f"{quote(text)} can mean two things",
            f"write {int(first)}h {int(second)}m or {int(first)}m {int(second)}s",
        )
    return BadValue(f"{quote(text)} is not a duration", _DURATION_FORMS)


def format_duration(seconds: int) -> str:
    """The duration in its largest units, as in `3d`, `1d 12h`, `1m 30s`; `parse_duration` reads it back."""
    if seconds < 0:
        raise ValueError(f"a duration cannot be negative: {seconds} s")
    parts = []
    rest = seconds
    for unit, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def parse_memory(text: str) -> int:
    """MB of an amount of memory: `32 GB`, `32G`, `32 GiB`, `2048 MB`, `1.5 TB`; 1 GB is 1024 MB.

    Raises BadValue for a bare number, an unknown unit, and an amount above 1 EB or not a whole number of MB.
    """
    stripped = text.strip()
    if not re.fullmatch(MEMORY_PATTERN, stripped):
        raise _not_an_amount(stripped)
    number, unit = re.findall(r"[0-9.]+|[MGT]", stripped)[:2]
    amount = Decimal(number) * _MEGABYTES[unit]
    if amount != int(amount):
        raise BadValue(
            f"{quote(stripped)} is not a whole number of MB",
            f"write {int(amount)} MB or {int(amount) + 1} MB",
        )
    if amount > _LARGEST:
        raise BadValue(f"{quote(stripped)} is too much", f"the most is {format_memory(_LARGEST)}")
    return int(amount)


def _not_an_amount(text: str) -> BadValue:
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return BadValue(f"{text} has no unit", f"write {text} GB or {text} MB (1 GB is 1024 MB)")
    return BadValue(f"{quote(text)} is not an amount of memory", _MEMORY_FORMS)


def format_memory(megabytes: int) -> str:
    """The amount in the largest unit that keeps it whole, as in `16 GB` or `2000 MB`."""
    if megabytes < 0:
        raise ValueError(f"an amount of memory cannot be negative: {megabytes} MB")
    for unit, size in reversed(_MEGABYTES.items()):
        if megabytes and megabytes % size == 0:
            return f"{megabytes // size} {unit}B"
    return "0 MB"
