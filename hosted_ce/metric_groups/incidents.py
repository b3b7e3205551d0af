"""Outages: which last, and how many there were."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from hosted_ce.incidents.incident import Incident
from hosted_ce.metric_groups.group import Group


class IncidentMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._since = Gauge(
            "hosted_ce_incident_began_timestamp_seconds",
            "When an outage that lasts began; there is none for what is well.",
            ["place", "cause"], registry=registry,
        )  # fmt: skip
        self._told = Counter(
            "hosted_ce_incidents", "Outages that were told, by cause.", ["cause"], registry=registry
        )

    def told(self, incident: Incident) -> None:
        """One begins."""
        self._told.labels(incident.cause.value).inc()

    def set(self, lasting: Iterable[Incident]) -> None:
        """Those that last now."""
        self._since.clear()
        for one in lasting:
            self._since.labels(one.place, one.cause.value).set(one.began_at)
