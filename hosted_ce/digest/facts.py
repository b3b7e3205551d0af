"""What a digest is made of. Times in seconds since the epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health
from hosted_ce.health.pressure import Activity
from hosted_ce.incidents.incident import Incident
from hosted_ce.verification.facts import RouteFacts
from hosted_ce.verification.report import RouteReport


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks of one cluster: how many had which verdict last, what became worse, what fails."""

    cluster: str
    at: float
    verdicts: Mapping[str, int]
    worse: Sequence[str] = ()
    """In all runs of the span, in words."""
    failed: Sequence[str] = ()
    """In the last run, in words, with what to do."""


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
    checked: Sequence[Checked] = ()
