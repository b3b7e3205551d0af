"""How Slurm writes resources and durations: text to numbers. Pure; what it does not know is None."""

from __future__ import annotations

import re

from bosco.batch.model import Granted

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)([KMGTP]?)\Z")
_MB = {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024**2, "P": 1024**3}
_TIME = re.compile(r"(?:(\d{1,9})-)?(?:(\d{1,9}):)?(\d{1,9}):(\d\d)\Z")
_INTEGER = re.compile(r"\d{1,15}\Z")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def granted(tres: str, walltime_s: int | None) -> Granted:
    """What a list of trackable resources says, as in `cpu=8,mem=16G,node=1,billing=8,gres/gpu=1`.

    A resource that it does not name is not tracked at that site, so it is not known.
    """
    of = dict(item.partition("=")[::2] for item in tres.split(","))
    typed = [number for name, text in of.items() if name.startswith("gres/gpu:") and (number := count(text))]
    gpus = count(of.get("gres/gpu", "")) or sum(typed) or None
    cpus, nodes = count(of.get("cpu", "")), count(of.get("node", ""))
    return Granted(cpus, memory_mb(of.get("mem", "")), walltime_s, gpus, nodes)


def count(text: str) -> int | None:
    """A number of things."""
    return int(text) if _INTEGER.match(text) else None


def memory_mb(text: str) -> int | None:
    """Memory in MB, as in `3000M`, `16G` or `1.50T`."""
    found = _MEMORY.match(text)
    return round(float(found[1]) * _MB[found[2]]) if found else None


def duration_s(text: str) -> int | None:
    """Seconds of `[days-][hours:]minutes:seconds`. UNLIMITED and the like are None."""
    found = _TIME.match(text)
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return days * _DAY + hours * _HOUR + minutes * _MINUTE + seconds


def minutes_s(text: str) -> int | None:
    """Seconds of a number of minutes. UNLIMITED and the like are None."""
    minutes = count(text)
    return None if minutes is None else minutes * _MINUTE
