"""Results of a worker node, in short. The node's name comes to them in the end (`judge`)."""

from __future__ import annotations

from typing import Any

from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

OK = "ok"
"""In a report: it is well."""
NOT_SAID = "the node's answer does not say"


def passed(check: str, seen: str, **data: Any) -> Result:
    """It is well."""
    return Result(check, Verdict.PASS, seen, data=data)


def warned(check: str, seen: str, **data: Any) -> Result:
    """It could be better."""
    return Result(check, Verdict.WARN, seen, data=data)


def failed(check: str, seen: str, **data: Any) -> Result:
    """Pilots fail by it, or nobody's jobs come."""
    return Result(check, Verdict.FAIL, seen, data=data)


def skipped(check: str, why: str = NOT_SAID) -> Result:
    """It was not looked at."""
    return Result(check, Verdict.SKIPPED, why)
