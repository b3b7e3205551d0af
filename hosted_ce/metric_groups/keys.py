"""By which keys the CE logs in."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from hosted_ce.metric_groups.group import Group


class KeyMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._used = Gauge(
            "hosted_ce_key_last_used_timestamp_seconds",
            "When a login by the key in this file went well last.", ["path"], registry=registry,
        )  # fmt: skip
        self._made = Gauge(
            "hosted_ce_key_made_timestamp_seconds", "When the file of a key was made, as of its last login.",
            ["path"], registry=registry,
        )  # fmt: skip

    def used(self, path: str, at: float, made: float | None) -> None:
        """A login went well, by a key whose file is there since `made`; None: not known."""
        self._used.labels(path).set(at)
        if made is not None:
            self._made.labels(path).set(made)
