"""How long the database takes."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram

from hosted_ce.metric_groups.group import Group

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class DatabaseMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._seconds = Histogram(
            "hosted_ce_database_seconds",
            "How long a read, or a write with its commit, took; waiting for others included.",
            ["operation"], buckets=BUCKETS, registry=registry,
        )  # fmt: skip

    def observe(self, operation: str, seconds: float) -> None:
        """One operation, "read" or "write", is done."""
        self._seconds.labels(operation).observe(seconds)
