"""The API's outer edge: its certificate, who was slowed down, and the audit log."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from hosted_ce.metric_groups.group import Group

REASONS = ("address", "token", "failures")
HANDSHAKES = ("done", "late", "failed", "full", "ousted")
CROWDING = ("full", "ousted")


class EdgeMetrics(Group):
    """Of one daemon."""

    def __init__(self, registry: CollectorRegistry):
        self._certificate = Gauge(
            "hosted_ce_api_certificate_refused",
            "1 while the files of the API's certificate cannot be used, and the one of before is.",
            registry=registry,
        )
        self._slowed = Counter(
            "hosted_ce_api_slowed",
            "Requests that were told to come later: too many of an address, of a token, or failed ones.",
            ["reason"], registry=registry,
        )  # fmt: skip
        for reason in REASONS:
            self._slowed.labels(reason)
        self._handshakes = Counter(
            "hosted_ce_api_handshakes",
            "TLS handshakes with clients of the API: done, too late, failed, ousted by another address, or "
            "not begun (full): too many were under way.",
            ["outcome"], registry=registry,
        )  # fmt: skip
        for outcome in HANDSHAKES:
            self._handshakes.labels(outcome)
        self._crowded = Counter(
            "hosted_ce_api_connections_crowded_out",
            "Connections of clients of the API that ended since all places were taken: they had just come "
            "(full), or made way for another one (ousted).",
            ["reason"], registry=registry,
        )  # fmt: skip
        for reason in CROWDING:
            self._crowded.labels(reason)
        self._lost = Counter(
            "hosted_ce_audit_lost", "Records of the audit log that could not be written.", registry=registry
        )

    def certificate(self, *, refused: bool) -> None:
        """The API's certificate was read again."""
        self._certificate.set(refused)

    def slowed(self, reason: str) -> None:
        """A request was answered with 429."""
        self._slowed.labels(reason).inc()

    def handshake(self, outcome: str) -> None:
        """A handshake has ended, as one of HANDSHAKES says."""
        self._handshakes.labels(outcome).inc()

    def crowded(self, reason: str) -> None:
        """A connection has ended for want of a place, as one of CROWDING says."""
        self._crowded.labels(reason).inc()

    def audit_lost(self) -> None:
        """A record could not be written."""
        self._lost.inc()
