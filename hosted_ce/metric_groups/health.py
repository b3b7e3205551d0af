"""Health, in the words that operators use, and until when certificates and tokens are valid."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health, Word
from hosted_ce.health.pressure import Activity, Pressure
from hosted_ce.metric_groups.group import Group


class HealthMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._health = Gauge(
            "hosted_ce_health", "1 for the word that the CE's health has, 0 for the others.", ["word"],
            registry=registry,
        )  # fmt: skip
        self._activity = Gauge(
            "hosted_ce_activity", "1 for what is so of production, no_pressure and broken, 0 for the others.",
            ["word"], registry=registry,
        )  # fmt: skip
        self._expires = Gauge(
            "hosted_ce_credential_expires_timestamp_seconds",
            "Until when a certificate or a token is valid; there is none for what says nothing of an end.",
            ["kind", "path"], registry=registry,
        )  # fmt: skip

    def set(self, health: Health | None, activity: Activity | None, expiries: Iterable[Expiry]) -> None:
        """As they are now; None: not known yet."""
        if health:
            for word in Word:
                self._health.labels(word.value).set(word is health.word)
        if activity:
            for pressure in Pressure:
                self._activity.labels(pressure.value).set(pressure is activity.word)
        self._expires.clear()  # a file may be another one now
        for expiry in expiries:
            self._expires.labels(expiry.kind, expiry.path).set(expiry.until)
