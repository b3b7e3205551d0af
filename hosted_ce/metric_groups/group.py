"""What all groups have: how they are described in the reference."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric


class Group:
    """Describes the metrics that are its attributes."""

    def described(self) -> Iterator[tuple[Metric, tuple[str, ...]]]:
        """Each metric with the names of its labels."""
        for value in vars(self).values():
            if isinstance(value, MetricWrapperBase):
                yield next(iter(value.describe())), tuple(value._labelnames)
