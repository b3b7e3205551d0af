"""What groups have in common: how they are described in the reference, and how latencies are counted."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Group:
    """Describes the metrics that are its attributes."""

    def described(self) -> Iterator[tuple[Metric, tuple[str, ...]]]:
        """Each metric with the names of its labels."""
        for value in vars(self).values():
            if isinstance(value, MetricWrapperBase):
                yield next(iter(value.describe())), tuple(value._labelnames)
