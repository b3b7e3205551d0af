"""How the front door is doing, and how far it is behind: on the way in, and on the way back."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hosted_ce.metric_groups.group import LATENCY_BUCKETS, Group

BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)


class DoorMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._wanted = Gauge(
            "hosted_ce_front_door_wanted", "1 while the site file has a front door.", registry=registry
        )
        self._contact = Gauge(
            "hosted_ce_front_door_in_contact", "1 while the front door's schedd answers.", registry=registry
        )
        self._jobs = Gauge(
            "hosted_ce_front_door_jobs", "Jobs of ours in the front door's queue.", registry=registry
        )
        self._looked = Gauge(
            "hosted_ce_front_door_looked_timestamp_seconds", "When the front door was last looked at.",
            registry=registry,
        )  # fmt: skip
        self._calls = Counter(
            "hosted_ce_front_door_calls", "Calls to the front door's schedd: queries, edits, removals.",
            registry=registry,
        )  # fmt: skip
        self._ticks = Histogram(
            "hosted_ce_front_door_tick_seconds", "How long a look at the front door's queue took.",
            buckets=LATENCY_BUCKETS, registry=registry,
        )  # fmt: skip
        self._intake = Histogram(
            "hosted_ce_front_door_intake_seconds",
            "From a job's files being whole in the schedd's spool to its pilot being written down.",
            buckets=BUCKETS, registry=registry,
        )  # fmt: skip
        self._told = Histogram(
            "hosted_ce_front_door_told_seconds",
            "From a pilot's change to the queue being told of it.", buckets=BUCKETS, registry=registry,
        )  # fmt: skip

    def wanted(self, wanted: bool) -> None:
        """Whether the site file has one."""
        self._wanted.set(wanted)

    def seen(self, *, in_contact: bool, jobs: int, looked_at: float | None) -> None:
        """How it is doing."""
        self._contact.set(in_contact)
        self._jobs.set(jobs)
        if looked_at is not None:
            self._looked.set(looked_at)

    def calls(self, more: int) -> None:
        """So many more calls were made to its schedd."""
        self._calls.inc(more)

    def tick(self, seconds: float) -> None:
        """Its queue was looked at."""
        self._ticks.observe(seconds)

    def taken(self, seconds: float) -> None:
        """A pilot came in after so long."""
        self._intake.observe(max(0.0, seconds))

    def told(self, seconds: float) -> None:
        """The queue was told after so long."""
        self._told.observe(max(0.0, seconds))
