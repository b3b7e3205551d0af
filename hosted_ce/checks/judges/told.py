"""Findings of a probe as results of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

CHECK_OF: Mapping[str, str] = {
    "tool-missing": "BS-3",
    "spool-read-only": "AC-6",
    "spool-noexec": "AC-7",
    "spool-space": "AC-4",
    "spool-inodes": "AC-4",
    "quota": "AC-5",
    "home-not-writable": "AC-3",
    "clock-off": "OS-4",
    "shell-noise": "SSH-9",
    "batch-system": "BS-1",
    "records-away": "CL-3",
    "ends-unseen": "CL-4",
    "too-many-pilots": "BS-5",
    "rate-limited": "BS-5",
    "array-too-large": "BS-5",
    "queue-missing": "BS-2",
    "queue-not-allowed": "BS-6",
    "queue-closed": "BS-6",
    "walltime-above": "BS-7",
    "memory-above": "BS-7",
    "cpus-above": "BS-7",
    "gpus-above": "BS-7",
    "account-missing": "BS-8",
    "qos-missing": "BS-8",
}
"""The check that tells of each kind of finding; a test compares it with the kinds that there are."""
TODO = "todo"
"""The key in a result's data of advice for this very case, which goes before the catalogue's."""


def told(
    check: str,
    findings: Iterable[Finding],
    good: str,
    *,
    unknown: str | None = None,
    where: str | None = None,
) -> Result:
    """What the findings of the check say; `good` if there is none, unless it is `unknown` for this reason."""
    own = [each for each in findings if CHECK_OF[each.id] == check and each.route == where]
    if own:
        fails = any(each.weight is Weight.PROBLEM for each in own)
        seen = "; ".join(each.said for each in own)
        todo = "; ".join(each.todo for each in own)
        return Result(check, Verdict.FAIL if fails else Verdict.WARN, seen, where, {TODO: todo})
    if unknown is not None:
        return Result(check, Verdict.SKIPPED, f"it cannot be told: {unknown}", where)
    return Result(check, Verdict.PASS, good, where)
