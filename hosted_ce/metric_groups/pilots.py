"""Pilots by route and state, how long they wait, and how they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hosted_ce.metric_groups.group import Group
from hosted_ce.pilots.pilot import Change
from hosted_ce.routing.limits import Caps, Usage

WAIT_BUCKETS = (10, 30, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86400, 3 * 86400, 10 * 86400)
SUBMIT_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
NO_ROUTE = ""


class PilotMetrics(Group):
    """Of one daemon. Names of routes come from the site file; a route that is gone keeps its counters."""

    def __init__(self, registry: CollectorRegistry):
        self._by_route = Gauge(
            "hosted_ce_route_pilots",
            "Pilots that are not over, by state and route; an empty route: they have none yet.",
            ["route", "state"], registry=registry,
        )  # fmt: skip
        self._oldest = Gauge(
            "hosted_ce_route_oldest_idle_timestamp_seconds",
            "When the pilot came that has been idle for longest on the route; 0: none is.",
            ["route"], registry=registry,
        )  # fmt: skip
        self._wait = Histogram(
            "hosted_ce_pilot_wait_seconds", "From the intake of a pilot to its run at the site.", ["route"],
            buckets=WAIT_BUCKETS, registry=registry,
        )  # fmt: skip
        self._submit = Histogram(
            "hosted_ce_pilot_submit_seconds", "From the beginning of an attempt to its batch job's id.",
            ["route"], buckets=SUBMIT_BUCKETS, registry=registry,
        )  # fmt: skip
        self._limit = Gauge(
            "hosted_ce_route_limit", "A limit of a route that is in force now.", ["route", "limit"],
            registry=registry,
        )  # fmt: skip
        self._used = Gauge(
            "hosted_ce_route_used", "How much of a route's limit is used.", ["route", "limit"],
            registry=registry,
        )  # fmt: skip
        self._cluster_limit = Gauge(
            "hosted_ce_cluster_limit", "A limit of a cluster, for its account.", ["cluster", "limit"],
            registry=registry,
        )  # fmt: skip
        self._cluster_used = Gauge(
            "hosted_ce_cluster_used", "How much of a cluster's limit is used.", ["cluster", "limit"],
            registry=registry,
        )  # fmt: skip
        self._classes = Counter(
            "hosted_ce_pilot_outcomes", "Attempts that ended, by the class of their end and route.",
            ["outcome_class", "route"], registry=registry,
        )  # fmt: skip
        self._holes = Gauge(
            "hosted_ce_black_hole_nodes",
            "Nodes on which many pilots failed quickly, and none worked, and which are not avoided.",
            ["cluster"], registry=registry,
        )  # fmt: skip
        self._avoided = Gauge(
            "hosted_ce_avoided_nodes", "Nodes that get no pilots now, by hand or by the site file's rule.",
            ["cluster"], registry=registry,
        )  # fmt: skip

    def nodes(self, nodes: Mapping[str, tuple[int, int]]) -> None:
        """How many black holes each cluster has, and how many nodes are avoided there."""
        self._holes.clear()
        self._avoided.clear()
        for cluster, (holes, avoided) in nodes.items():
            self._holes.labels(cluster).set(holes)
            self._avoided.labels(cluster).set(avoided)

    def changes(self, changes: Sequence[Change], now: float) -> None:
        """What was written down of pilots. Test pilots and checks are not counted."""
        for change in changes:
            attempt = change.pilot.attempt
            if change.event is None or attempt is None or not change.pilot.purpose.counts:
                continue
            if change.event.what == "running":
                self._wait.labels(attempt.route).observe(max(0.0, now - change.pilot.created_at))
            elif change.event.what == "submitted":
                self._submit.labels(attempt.route).observe(max(0.0, now - attempt.created_at))
            if found := change.event.data.get("class"):
                self._classes.labels(found, attempt.route).inc()

    def open(self, counts: Mapping[tuple[str, str], int], oldest: Mapping[str, float]) -> None:
        """How many pilots are not over, by route and state, and since when the oldest idle ones are here."""
        self._by_route.clear()
        for (route, state), number in counts.items():
            self._by_route.labels(route, state).set(number)
        self._oldest.clear()
        for route in {route for route, _ in counts} | set(oldest):
            self._oldest.labels(route).set(oldest.get(route, 0.0))

    def limits(
        self, routes: Mapping[str, tuple[Caps, Usage]], clusters: Mapping[str, tuple[Caps, Usage]]
    ) -> None:
        """The limits in force of every route and cluster, and what is used of them."""
        _set(self._limit, self._used, routes)
        _set(self._cluster_limit, self._cluster_used, clusters)


def _set(limits: Gauge, used: Gauge, known: Mapping[str, tuple[Caps, Usage]]) -> None:
    limits.clear()
    used.clear()
    for whose, (caps, usage) in known.items():
        uses = {"pilots": usage.pilots, "idle": usage.idle, "running": usage.pilots, "cores": usage.cores}
        for name, number in uses.items():
            if (limit := getattr(caps, name)) is not None:
                limits.labels(whose, name).set(limit)
                used.labels(whose, name).set(number)
