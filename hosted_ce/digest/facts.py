"""What a digest is made of. Times in seconds since the epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health
from hosted_ce.health.pressure import Activity
from hosted_ce.incidents.incident import Incident
from hosted_ce.verification.facts import RouteFacts
from hosted_ce.verification.report import RouteReport


@dataclass(frozen=True, slots=True)
class Checked:
    """The last run of checks over one cluster: how many had which verdict, and what became worse in it."""

    cluster: str
    at: float
    verdicts: Mapping[str, int]
    worse: Sequence[str] = ()
    """In words."""


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """All of it. `before` are the runs of the span of the same length before this one."""

    resource: str
    site: str
    since: float
    until: float
    runs: Sequence[RouteFacts] = ()
    before: Sequence[RouteFacts] = ()
    reports: Sequence[RouteReport] = ()
    incidents: Sequence[Incident] = ()
    """That were not over when the span began, in the order in which they began."""
    health: Health | None = None
    activity: Activity | None = None
    expiries: Sequence[Expiry] = ()
    checked: Sequence[Checked] = field(default=())
