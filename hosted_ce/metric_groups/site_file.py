"""Which site file is in force, and whether it is the one that is written."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from hosted_ce.metric_groups.group import Group


class SiteFileMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._loaded_at = Gauge(
            "hosted_ce_site_loaded_timestamp_seconds", "When the site file in force was loaded.",
            registry=registry,
        )  # fmt: skip
        self._file = Gauge(
            "hosted_ce_site_file", "1 for the text of the site file that is in force, by its SHA-256.",
            ["sha256"], registry=registry,
        )  # fmt: skip
        self._failed = Gauge(
            "hosted_ce_site_reload_failed",
            "1 while what the site file says is not in force, since it has errors or cannot be followed now.",
            registry=registry,
        )  # fmt: skip
        self._reloads = Counter(
            "hosted_ce_site_reloads", "Times that the site file was read again, by how that ended.",
            ["outcome"], registry=registry,
        )  # fmt: skip

    def loaded(self, sha256: str, at: float) -> None:
        """Another one is in force."""
        self._file.clear()
        self._file.labels(sha256).set(1)
        self._loaded_at.set(at)

    def reloaded(self, outcome: str, *, failed: bool) -> None:
        """It was read again."""
        self._reloads.labels(outcome).inc()
        self._failed.set(failed)
