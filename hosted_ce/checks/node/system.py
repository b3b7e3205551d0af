"""Judges a worker node's system: what it is, its clock, and what others left there."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from hosted_ce.checks.judges.systems import supported
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.report import NodeReport
from hosted_ce.checks.node.verdicts import failed, passed, skipped, warned
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

ARCHITECTURES = ("x86_64", "aarch64")
ODD_S, WRONG_S = 15.0, 60.0
"""How far a clock may be off until it is told, and until pilots fail by it."""
FILES, PROCESSES = 2048, 4096
LONGEST_S, LEFT_OVER_S = 3 * 86400.0, 3600.0
"""Pilots run so long, and a process that runs for so much longer is nobody's any more."""
SHOWN = 5


def system_results(report: NodeReport, promised: Promised) -> Iterator[Result]:
    """Its operating system, clock, limits and leftover processes."""
    yield _os(report)
    yield _clock(report, promised)
    yield _limits(report)
    yield _leftovers(report, promised)


def _os(report: NodeReport) -> Result:
    if report.os_id is None and report.kernel is None:
        return skipped("OS-2")
    data = {"kernel": report.kernel, "libc": report.libc, "arch": report.arch}
    said = {"ID": report.os_id, "VERSION_ID": report.os_version, "PRETTY_NAME": report.os_name}
    verdict, name = supported({key: value for key, value in said.items() if value})
    seen = f"{name}, kernel {report.kernel}, {report.arch}"
    if report.arch is not None and report.arch not in ARCHITECTURES:
        return failed("OS-2", f"{seen}: the OSPool's software is for {' and '.join(ARCHITECTURES)}", **data)
    return Result("OS-2", verdict, seen, data=data)


def _clock(report: NodeReport, promised: Promised) -> Result:
    off, by = _off(report, promised)
    if off is None:
        return skipped("OS-7", "nothing was there to compare its clock with")
    seen = (
        f"{abs(off):.0f} s {'ahead' if off > 0 else 'behind'}, by {by}"
        if abs(off) >= 1
        else f"right, by {by}"
    )
    verdict = Verdict.PASS if abs(off) <= ODD_S else Verdict.WARN if abs(off) <= WRONG_S else Verdict.FAIL
    return Result("OS-7", verdict, seen, data={"off_s": round(off)})


def _off(report: NodeReport, promised: Promised) -> tuple[float | None, str]:
    """How far its clock is ahead, in seconds. A web server may be wrong itself: ours has the last word."""
    ours, theirs = _outside(report, promised), _by_web(report)
    if ours is None:
        return theirs, "a web server's clock"
    if theirs is not None and _possible(report, theirs, promised):
        return theirs, "a web server's clock"
    return ours, "the CE's clock, as far as the times of the job tell"


def _outside(report: NodeReport, promised: Promised) -> float | None:
    """How far it is outside of the time in which the job must have run."""
    if report.time is None or promised.between is None:
        return None
    first, last = promised.between
    return min(report.time - first, 0.0) or max(report.time - last, 0.0)


def _possible(report: NodeReport, off: float, promised: Promised) -> bool:
    if report.time is None or promised.between is None:
        return False
    first, last = promised.between
    return first - WRONG_S <= report.time - off <= last + WRONG_S


def _by_web(report: NodeReport) -> float | None:
    moment, _, date = (report.http_date or "").partition(" ")
    try:
        return int(moment) - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _limits(report: NodeReport) -> Result:
    low = [
        f"{value} {what} (at least {least} are good)"
        for value, what, least in (
            (report.nofile, "open files", FILES), (report.nproc, "processes", PROCESSES),
        )
        if value is not None and value < least
    ]  # fmt: skip
    data = {"files": report.nofile, "processes": report.nproc}
    if low:
        return warned("WN-7", f"a job may have {' and '.join(low)}", **data)
    return passed("WN-7", "enough open files and processes", **data)


def _leftovers(report: NodeReport, promised: Promised) -> Result:
    longest = max(promised.walltime_s, LONGEST_S) + LEFT_OVER_S  # the look itself asks for a few minutes
    old = [one for one in report.orphans if one.age_s > longest]
    if not old:
        return passed("WN-5", "no process of the account is left over")
    shown = ", ".join(f"{one.name} (since {one.age_s / 86400:.0f} days)" for one in old[:SHOWN])
    return warned("WN-5", f"{len(old)} processes of the account are left over: {shown}", processes=len(old))
