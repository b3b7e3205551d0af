"""What the last run of checks of each cluster said."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Run
from hosted_ce.checks.verdict import Verdict
from hosted_ce.metric_groups.group import Group


class CheckMetrics(Group):
    """Of one daemon. A check has one number for each cluster, however many places it looked at."""

    def __init__(self, registry: CollectorRegistry):
        self._verdicts = Gauge(
            "hosted_ce_check_verdict",
            "What a check of the last run said where it was worst: 0 pass, 1 warn, 2 fail; none if skipped.",
            ["cluster", "check"], registry=registry,
        )  # fmt: skip
        self._ended = Gauge(
            "hosted_ce_check_run_timestamp_seconds", "When the last run of checks got to its end.",
            ["cluster"], registry=registry,
        )  # fmt: skip
        self._worse = Gauge(
            "hosted_ce_checks_worse", "Checks that the last run found worse than they were known before.",
            ["cluster"], registry=registry,
        )  # fmt: skip

    def set(self, run: Run) -> None:
        """A run got to its end."""
        self._verdicts.remove_by_labels({"cluster": run.cluster})
        for check, badness in _worst(run.results or ()).items():
            self._verdicts.labels(run.cluster, check).set(badness)
        self._worse.labels(run.cluster).set(len({each.check for each in run.worse}))
        if run.ended_at is not None:
            self._ended.labels(run.cluster).set(run.ended_at)

    def forget(self, cluster: str) -> None:
        """The cluster is no longer served."""
        for gauge in (self._verdicts, self._ended, self._worse):
            gauge.remove_by_labels({"cluster": cluster})


def _worst(results: Iterable[Result]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in results:
        if each.verdict is not Verdict.SKIPPED:
            found[each.check] = max(found.get(each.check, 0), each.verdict.badness)
    return found
