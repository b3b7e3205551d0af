"""Stable names of the service in words, for the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Attempt
from hosted_ce.why.answer import Turn

HOLD_CAUSES: Mapping[HoldCause, str] = {
    HoldCause.REQUESTED: "the factory or an operator asked for it",
    HoldCause.NO_ROUTE: "no route matched it for too long",
    HoldCause.REFUSED: "the site said that it can never run there",
    HoldCause.BAD_REQUEST: "what it asks for cannot be understood",
    HoldCause.INPUTS: "its input files cannot be had",
}

TURNS: Mapping[Turn, str] = {
    Turn.CE: "the CE goes on by itself",
    Turn.OSG: "a move of the CE's operator",
    Turn.SITE: "a move of the site",
    Turn.FACTORY: "a move of the factory",
    Turn.NOBODY: "nobody's move",
}
"""Whose move it is."""

_EVENTS = {
    "received": "came in",
    "routed": "got a route and an attempt",
    "submitted": "submitted to the site",
    "adopted": "its batch job was found",
    "running": "runs",
    "requeued": "put back into the queue by the site",
    "ended": "its batch job ended",
    "hold_asked": "is to be held",
    "release_asked": "released; is to begin anew",
    "released": "released",
    "restarted": "its attempt is over; it begins anew",
    "removal_asked": "is to be removed",
    "cancel_asked": "the site was asked to end its job",
    "doubtful": "it is not known whether the site took it",
    "overdue": "in doubt for too long",
    "vanished": "vanished at the site",
    "attempt_failed": "the attempt failed",
    "not_begun": "its job could not begin",
    "abandoned": "its attempt was given up by hand",
    "parked": "set aside",
    "late_job": "a job of an old attempt appeared",
    "credentials_renewed": "new credentials came",
}
_ACTORS = {
    "engine": "this CE",
    "policy": "this CE (policy)",
    "site": "the site",
    "factory": "the factory",
}


def event_words(what: str) -> str:
    """What happened; a name without words of its own is shown as it is."""
    return _EVENTS.get(what, what.replace("_", " "))


def actor_words(actor: str) -> str:
    """Who did it. People and front doors are shown as they are: `rest:operator`."""
    return _ACTORS.get(actor, actor)


def person(actor: str) -> str:
    """Who did it, without the door: `operator`."""
    return actor.partition(":")[2] or actor


@dataclass(frozen=True, slots=True)
class Amount:
    """One resource: what was asked of the site, what it gave, what was used. None: not known."""

    name: str
    requested: str | None
    granted: str | None
    used: str | None = None


_TIMES = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """A length of time in its two largest units: 2 d 5 h, 59 min 30 s."""
    left, parts = max(0, round(seconds)), []
    for size, unit in _TIMES:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"


def amounts(attempt: Attempt, now: float) -> list[Amount]:
    """The resources of an attempt, those that nobody spoke of left out."""
    request, granted = attempt.request, attempt.granted or {}
    memory = None if attempt.peak_memory_mb is None else f"{attempt.peak_memory_mb} MB at most"
    rows = [
        Amount("Cores", *_pair(request, granted, "cpus"), _cpu_time(attempt)),
        Amount("Memory", *_pair(request, granted, "memory_mb", " MB"), memory),
        Amount("Time", *_lengths(request, granted), _ran(attempt, now)),
        Amount("GPUs", *_pair(request, granted, "gpus")),
        Amount("Whole node", "yes" if request.get("whole_node") else None, None),
        *(Amount(title, *_pair(request, granted, title.lower())) for title in ("Queue", "Account", "QOS")),
    ]
    return [row for row in rows if row.requested or row.granted or row.used]


def _pair(
    request: Mapping[str, Any], granted: Mapping[str, Any], name: str, unit: str = ""
) -> tuple[str | None, str | None]:
    asked, got = (values.get(name) for values in (request, granted))
    return (f"{asked}{unit}" if asked else None), (None if got is None else f"{got}{unit}")


def _lengths(request: Mapping[str, Any], granted: Mapping[str, Any]) -> tuple[str | None, str | None]:
    asked, got = (values.get("walltime_s") for values in (request, granted))
    return (duration(asked) if asked else None), (duration(got) if got else None)


def _cpu_time(attempt: Attempt) -> str | None:
    if attempt.user_cpu_s is None:
        return None
    return f"CPU time {duration(attempt.user_cpu_s + (attempt.system_cpu_s or 0))}"


def _ran(attempt: Attempt, now: float) -> str | None:
    if attempt.started_at is None:
        return None
    so_far = "" if attempt.ended_at else " so far"
    return duration((attempt.ended_at or now) - attempt.started_at) + so_far
