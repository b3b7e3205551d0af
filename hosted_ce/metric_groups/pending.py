"""How old the pilots are that wait now: a histogram of what is, not of what was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeHistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from hosted_ce.metric_groups.group import Group

AGES = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86400, 3 * 86400, 10 * 86400)
"""Bounds, in seconds."""
LABELS = ("route",)


class Pending(NamedTuple):
    """Pilots of a route that wait: how many are within each of `AGES`, and one number more: those above."""

    numbers: Sequence[int]
    seconds: float
    """All their ages together."""


class PendingMetrics(Group, Collector):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._routes: Mapping[str, Pending] = {}
        registry.register(self)

    def set(self, routes: Mapping[str, Pending]) -> None:
        """As it is now, by route; an empty route: they have none yet."""
        self._routes = routes

    def described(self) -> Iterator[tuple[Metric, tuple[str, ...]]]:
        """Its one family."""
        yield self._family(), LABELS

    def collect(self) -> Iterable[Metric]:
        """All routes with pilots that wait."""
        family = self._family()
        for route, pending in self._routes.items():
            bounds = (*(str(float(age)) for age in AGES), "+Inf")
            buckets = list(zip(bounds, accumulate(pending.numbers), strict=True))
            family.add_metric([route], buckets, gsum_value=pending.seconds)
        yield family

    def _family(self) -> GaugeHistogramMetricFamily:
        return GaugeHistogramMetricFamily(
            "hosted_ce_pilot_pending_seconds",
            "Pilots that wait now, here or in the site's queue, by how long ago they came.",
            labels=LABELS,
        )
