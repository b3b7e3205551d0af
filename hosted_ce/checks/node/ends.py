"""What it says of a worker node that its job came back without a report."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

_NO_SCRATCH = "cannot make a working directory in"
_NO_HOME = (
    "cannot write to", "cannot make the working directory", "cannot enter the working directory",
    "cannot copy the input files", "cannot copy the credentials",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Came:
    """How far the job came. `said`: the last that the site, the job or the CE said of it."""

    began: bool
    ended: bool
    said: str
    not_started: bool = False
    """Whether its job could not begin it on the node."""


def without_report(came: Came, *, shared_home: bool, where: str | None = None) -> Result:
    """The one result: of the home or scratch, where the job said that it could not begin for their sake."""
    if came.not_started and _NO_SCRATCH in came.said:
        return Result("FS-2", Verdict.FAIL, f"the job could not begin: {came.said}", where)
    if came.not_started and shared_home and (not came.said or any(text in came.said for text in _NO_HOME)):
        seen = f"the job could not begin in the login node's spool: {came.said or 'it left no word there'}"
        return Result("FS-1", Verdict.FAIL, seen, where)
    if not came.began:
        return Result("WN-6", Verdict.FAIL, f"the job did not begin: {came.said}", where)
    if not came.ended:
        return Result("WN-6", Verdict.FAIL, f"the job began, and did not end: {came.said}", where)
    return Result("WN-6", Verdict.FAIL, f"the job ended without an answer: {came.said}", where)
