"""How a site lists the jobs of our pilots, and by how much its clock is off."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from hosted_ce.metric_groups.group import Group


class SiteMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._jobs = Gauge(
            "hosted_ce_site_jobs",
            "Jobs of pilots in the last complete listing, by phase: pending, running, held (until somebody "
            "at the site releases them), unknown (in a state that this version does not know).",
            ["cluster", "phase"], registry=registry,
        )  # fmt: skip
        self._clock = Gauge(
            "hosted_ce_site_clock_offset_seconds",
            "By how much the login node's clock was ahead of ours when the site was probed last.",
            ["cluster"], registry=registry,
        )  # fmt: skip

    def set(self, cluster: str, phases: Mapping[str, int], clock_offset_s: float | None) -> None:
        """As it is now; None: the site has not been probed yet."""
        for phase, number in phases.items():
            self._jobs.labels(cluster, phase).set(number)
        if clock_offset_s is not None:
            self._clock.labels(cluster).set(clock_offset_s)

    def forget(self, cluster: str) -> None:
        """The cluster is no longer served."""
        for gauge in (self._jobs, self._clock):
            gauge.remove_by_labels({"cluster": cluster})
