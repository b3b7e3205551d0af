"""Metrics for Prometheus. Scrapes read numbers that are kept up to date; they never ask the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from hosted_ce.metric_groups.checks import CheckMetrics
from hosted_ce.metric_groups.database import DatabaseMetrics
from hosted_ce.metric_groups.door import DoorMetrics
from hosted_ce.metric_groups.edge import EdgeMetrics
from hosted_ce.metric_groups.group import LATENCY_BUCKETS, Group
from hosted_ce.metric_groups.health import HealthMetrics
from hosted_ce.metric_groups.incidents import IncidentMetrics
from hosted_ce.metric_groups.keys import KeyMetrics
from hosted_ce.metric_groups.pending import PendingMetrics
from hosted_ce.metric_groups.pilots import PilotMetrics
from hosted_ce.metric_groups.ramps import RampMetrics
from hosted_ce.metric_groups.site import SiteMetrics
from hosted_ce.metric_groups.site_file import SiteFileMetrics
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import State
from hosted_ce.supervisor import Health

POLL_BUCKETS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600)


class _TaskCollector(Collector):
    def __init__(self, health: Callable[[], Mapping[str, Health]]):
        self._health = health

    def collect(self) -> Iterable[Metric]:
        restarts = CounterMetricFamily(
            "hosted_ce_task_restarts",
            "Times that a task of the daemon died and was started again.",
            labels=["task"],
        )
        for name, health in self._health().items():
            restarts.add_metric([name], health.restarts)
        yield restarts


class Metrics:
    """All metrics of one daemon, in a registry of their own."""

    def __init__(
        self, health: Callable[[], Mapping[str, Health]], now: Callable[[], float] = time.time
    ) -> None:
        self._now = now
        self.registry = CollectorRegistry()
        self._states: dict[str, set[str]] = {}
        self._were_refused: dict[str, set[str]] = {}
        self._pilots = Gauge("hosted_ce_pilots", "Pilots by state.", ["state"], registry=self.registry)
        self._events = Counter(
            "hosted_ce_pilot_events", "What happened to pilots.", ["event"], registry=self.registry
        )
        self._events.labels("lost")  # at 0 from the start: a counter that begins with 1 has not increased
        self._operations = Histogram(
            "hosted_ce_site_operation_seconds", "Operations at the site, by how they ended.",
            ["cluster", "operation", "outcome"], buckets=LATENCY_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._contact = Gauge(
            "hosted_ce_site_in_contact", "1 while the link to the login node is up.", ["cluster"],
            registry=self.registry,
        )  # fmt: skip
        self._listed = Gauge(
            "hosted_ce_site_listed_timestamp_seconds", "When the cluster's queue was last listed completely.",
            ["cluster"], registry=self.registry,
        )  # fmt: skip
        self._poll = Histogram(
            "hosted_ce_site_poll_seconds", "Between two complete listings of the cluster's queue.",
            ["cluster"], buckets=POLL_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._last_listed: dict[str, float] = {}
        self._duplicates = Counter(
            "hosted_ce_duplicate_jobs", "Batch jobs cancelled since another had their stamp. Must stay 0.",
            registry=self.registry,
        )  # fmt: skip
        self._late = Counter(
            "hosted_ce_late_jobs", "Batch jobs cancelled since their attempts were over. Should stay 0.",
            registry=self.registry,
        )  # fmt: skip
        self._circuit = Gauge(
            "hosted_ce_site_state", "1 for the state that the cluster is in, 0 for the others.",
            ["cluster", "state"], registry=self.registry,
        )  # fmt: skip
        self._refused = Gauge(
            "hosted_ce_route_refused", "1 while the site refuses the pilots of the route.",
            ["cluster", "route"], registry=self.registry,
        )  # fmt: skip
        self._overdue = Gauge(
            "hosted_ce_pilots_overdue", "Pilots in doubt for too long: an operator should settle them.",
            ["cluster"], registry=self.registry,
        )  # fmt: skip
        self._parked = Gauge(
            "hosted_ce_pilots_parked", "Pilots that the CE cannot handle; their reasons say more.",
            registry=self.registry,
        )  # fmt: skip
        self._stranded = Gauge(
            "hosted_ce_pilots_stranded",
            "Pilots at clusters that the site file does not have: nobody looks after them. Should stay 0.",
            registry=self.registry,
        )
        self.health = HealthMetrics(self.registry)
        self.edge = EdgeMetrics(self.registry)
        self.pilots = PilotMetrics(self.registry)
        self.database = DatabaseMetrics(self.registry)
        self.pending = PendingMetrics(self.registry)
        self.ramps = RampMetrics(self.registry)
        self.door = DoorMetrics(self.registry)
        self.site_file = SiteFileMetrics(self.registry)
        self.checks = CheckMetrics(self.registry)
        self.incidents = IncidentMetrics(self.registry)
        self.keys = KeyMetrics(self.registry)
        self.at_site = SiteMetrics(self.registry)
        self._groups: tuple[Group, ...] = (
            self.health, self.pilots, self.database, self.pending, self.ramps, self.door, self.site_file,
            self.checks, self.incidents, self.keys, self.edge, self.at_site,
        )  # fmt: skip
        self.registry.register(_TaskCollector(health))

    def described(self) -> list[tuple[Metric, tuple[str, ...]]]:
        """Every metric with the names of its labels."""
        own = (
            self._pilots, self._events, self._operations, self._contact, self._listed, self._duplicates,
            self._poll, self._late, self._circuit, self._refused, self._overdue, self._parked, self._stranded,
        )  # fmt: skip
        families = [(next(iter(metric.describe())), tuple(metric._labelnames)) for metric in own]
        families += [each for group in self._groups for each in group.described()]
        return [*families, (next(iter(_TaskCollector(dict).collect())), ("task",))]

    def changes(self, changes: Sequence[Change]) -> None:
        """A listener for the store."""
        self.pilots.changes(changes, self._now())
        for change in changes:
            if change.event:
                self._events.labels(change.event.what).inc()

    def operation(self, cluster: str) -> Callable[[str, float, str], None]:
        """An observer for a cluster's gateway."""
        return lambda name, seconds, outcome: self._operations.labels(cluster, name, outcome).observe(seconds)

    def duplicate(self, stamp: str, batch_id: str) -> None:
        """A batch job had to be cancelled because another has its stamp."""
        self._duplicates.inc()

    def late(self, stamp: str, batch_id: str) -> None:
        """A batch job had to be cancelled because its attempt is over."""
        self._late.inc()

    def circuit(self, cluster: str, state: str) -> None:
        """In which state a cluster is."""
        self._states.setdefault(cluster, set()).add(state)
        for known in self._states[cluster]:
            self._circuit.labels(cluster, known).set(known == state)

    def refused(self, cluster: str, routes: Iterable[str]) -> None:
        """Which routes' pilots a cluster refuses."""
        now = set(routes)
        for route in self._were_refused.get(cluster, set()) | now:
            self._refused.labels(cluster, route).set(route in now)
        self._were_refused.setdefault(cluster, set()).update(now)

    def overdue(self, cluster: str, number: int) -> None:
        """How many pilots there have been in doubt for too long."""
        self._overdue.labels(cluster).set(number)

    def forget(self, cluster: str) -> None:
        """A cluster is no longer served: how it is doing is no longer known."""
        for gauge in (self._contact, self._listed, self._circuit, self._refused, self._overdue):
            gauge.remove_by_labels({"cluster": cluster})
        self.checks.forget(cluster)
        self.at_site.forget(cluster)
        self._states.pop(cluster, None)
        self._last_listed.pop(cluster, None)
        self._were_refused.pop(cluster, None)

    def parked(self, number: int) -> None:
        """How many pilots cannot be handled."""
        self._parked.set(number)

    def stranded(self, number: int) -> None:
        """How many pilots are at clusters that nobody serves."""
        self._stranded.set(number)

    def counts(self, counts: Mapping[State, int]) -> None:
        """How many pilots there are in each state."""
        for state, number in counts.items():
            self._pilots.labels(state.value).set(number)

    def site(self, cluster: str, *, in_contact: bool, listed_at: float | None) -> None:
        """How a cluster is doing."""
        self._contact.labels(cluster).set(in_contact)
        if listed_at is not None:
            self._listed.labels(cluster).set(listed_at)
            before = self._last_listed.get(cluster)
            if before is not None and listed_at > before:
                self._poll.labels(cluster).observe(listed_at - before)
            self._last_listed[cluster] = listed_at
