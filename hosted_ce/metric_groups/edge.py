"""The API's outer edge: its certificate, who was slowed down, and the audit log."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from hosted_ce.metric_groups.group import Group

REASONS = ("address", "token", "failures")
HANDSHAKES = ("done", "late", "failed", "full", "ousted")


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

    def audit_lost(self) -> None:
        """A record could not be written."""
        self._lost.inc()
