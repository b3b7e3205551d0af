"""How far the front door is behind: on the way in, and on the way back."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram

from hosted_ce.metric_groups.group import Group

BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)


class DoorLagMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._intake = Histogram(
            "hosted_ce_front_door_intake_seconds",
            "From a job's files being whole in the schedd's spool to its pilot being written down.",
            buckets=BUCKETS, registry=registry,
        )  # fmt: skip
        self._told = Histogram(
            "hosted_ce_front_door_told_seconds",
            "From a pilot's change to the queue being told of it.", buckets=BUCKETS, registry=registry,
        )  # fmt: skip

    def taken(self, seconds: float) -> None:
        """A pilot came in after so long."""
        self._intake.observe(max(0.0, seconds))

    def told(self, seconds: float) -> None:
        """The queue was told after so long."""
        self._told.observe(max(0.0, seconds))
