"""Amounts in words, as a site file would have them."""

from __future__ import annotations

from hosted_ce.verification.facts import Resource, Value

_TIMES = ((3600, "h"), (60, "m"), (1, "s"))
_GB = 1024
TITLES = {
    Resource.CORES: "Cores", Resource.MEMORY: "Memory", Resource.WALLTIME: "Walltime", Resource.GPUS: "GPUs",
    Resource.NODES: "Nodes", Resource.QUEUE: "Queue", Resource.ACCOUNT: "Account", Resource.QOS: "QOS",
}  # fmt: skip
_COUNTED = {Resource.CORES: "core", Resource.GPUS: "GPU", Resource.NODES: "node"}


def amount(resource: Resource, value: Value) -> str:
    """`8 cores`, `32 GB`, `72h`; `nothing` for none."""
    if value is None:
        return "nothing"
    if resource is Resource.MEMORY:
        return memory(int(value))
    if resource is Resource.WALLTIME:
        return duration(int(value))
    return count(int(value), _COUNTED[resource]) if resource in _COUNTED else str(value)


def count(number: int, what: str) -> str:
    """`1 core`, `8 cores`, `1,200 pilots`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def memory(megabytes: int) -> str:
    """`32 GB` or `2000 MB`; a GB is 1024 MB, as in site files."""
    return f"{megabytes // _GB} GB" if megabytes and not megabytes % _GB else f"{megabytes} MB"


def duration(seconds: float) -> str:
    """`72h`, `90m`, `45s`: in the largest unit that has no remainder."""
    whole = round(seconds)
    size, unit = next((each for each in _TIMES if whole and whole % each[0] == 0), (1, "s"))
    return f"{whole // size}{unit}"


def about(seconds: float) -> str:
    """A length of time that is not known exactly: `24 h`, `25 min`."""
    return f"{seconds / 3600:.0f} h" if seconds >= 2 * 3600 else f"{seconds / 60:.0f} min"
