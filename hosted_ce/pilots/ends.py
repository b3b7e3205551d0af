"""How an attempt ended, in classes that say whose business it is. Pure.

What is known counts in this order: what somebody here asked for, what the batch system says, what the pilot
wrote, and its exit code with its run time. What none of these settles is unknown; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Attempt, Outcome
from hosted_ce.pilots.states import Goal


@dataclass(frozen=True, slots=True)
class End:
    """A class, and the words that it was told by."""

    what: EndClass
    evidence: str


PROLOGUE = "prologue: "
"""How a job's own word begins when its route's prologue failed; bosco.batch.wrapper has the same."""
TAIL = 64 * 1024
"""How much of an output's end is looked at, in bytes."""
SHOWN = 200
VALIDATION_S = (1140.0, 1320.0)
"""A glidein whose validation failed sleeps until 1199 s have passed, then exits with 1."""
_BY_SITE = {
    Outcome.WALLTIME: EndClass.WALLTIME, Outcome.MEMORY: EndClass.MEMORY,
    Outcome.PREEMPTED: EndClass.PREEMPTED, Outcome.NODE_FAILURE: EndClass.NODE_FAILURE,
    Outcome.NOT_STARTED: EndClass.NOT_STARTED, Outcome.VANISHED: EndClass.VANISHED,
    Outcome.CANCELLED: EndClass.REMOVED_AT_SITE,
}  # fmt: skip
_VALIDATION = re.compile(r"^=== Validation error in (\S+) ===", re.M)
_CONDOR = re.compile(r"^=== Condor starting", re.M)
_NO_CVMFS = re.compile(r"cvmfs.*\b(?:not|cannot|failed|missing|unavailable)\b", re.I)
DETAILS = 10
"""How many lines behind a validation error are its own."""
_COLLECTOR = re.compile(
    r"^.*(?:TCP connection to collector \S+ failed|Failed to connect to collector).*$", re.M
)
_CLAIMS = re.compile(r"^Total number of activations/claims: (\d+)\s*$", re.M)
_ENDING = re.compile(r"^=== Glidein ending .* with code (\d+) after \d+ ===\s*$", re.M)


def classified(attempt: Attempt, goal: Goal, stdout: bytes, stderr: bytes) -> End:
    """How the attempt ended. Of the outputs the ends are enough."""
    if goal.ends_attempt and attempt.cancel_asked_at is not None and attempt.outcome is not Outcome.VANISHED:
        return End(EndClass.REMOVED_BY_FACTORY, f"it was asked to end ({goal.value})")
    if attempt.outcome is not None and attempt.outcome in _BY_SITE:
        if attempt.outcome is Outcome.NOT_STARTED and (attempt.site_reason or "").startswith(PROLOGUE):
            return End(EndClass.PROLOGUE_FAILED, attempt.site_reason or "")
        said = [part for part in (attempt.site_state, attempt.site_reason) if part]
        return End(_BY_SITE[attempt.outcome], ": ".join(said) or attempt.outcome.value)
    if attempt.outcome is not Outcome.EXITED:
        return End(EndClass.UNKNOWN, "no outcome is on record")
    return _written(_text(stdout), _text(stderr)) or _by_code(attempt)


def _text(output: bytes) -> str:
    return output[-TAIL:].decode("utf-8", "replace")


def _written(stdout: str, stderr: str) -> End | None:
    if _CONDOR.search(stdout) or _CLAIMS.search(stdout):
        return _of_condor(stdout, stderr)
    for text in (stderr, stdout):
        if failed := _VALIDATION.search(text):
            details = text[failed.end() :].splitlines()[:DETAILS]
            no_cvmfs = "cvmfs" in failed[1].lower() or any(_NO_CVMFS.search(line) for line in details)
            return End(EndClass.NO_CVMFS if no_cvmfs else EndClass.VALIDATION_FAILED, failed[0][:SHOWN])
    return _no_collector(stdout, stderr)


def _of_condor(stdout: str, stderr: str) -> End | None:
    """It was validated, and started HTCondor: what it did then."""
    claims, ending = _CLAIMS.search(stdout), _ENDING.search(stdout)
    if claims and int(claims[1]):
        if ending and int(ending[1]):
            return End(EndClass.UNKNOWN, ending[0].strip()[:SHOWN])
        return End(EndClass.NORMAL, claims[0].strip())
    if found := _no_collector(stdout, stderr):
        return found
    if claims:
        return End(EndClass.NEVER_CLAIMED, claims[0].strip())
    return End(EndClass.UNKNOWN, "it started HTCondor, and did not write how that ended")


def _no_collector(stdout: str, stderr: str) -> End | None:
    for text in (stderr, stdout):
        if found := _COLLECTOR.search(text):
            return End(EndClass.NO_COLLECTOR, found[0].strip()[:SHOWN])
    return None


def _by_code(attempt: Attempt) -> End:
    code, signal, seconds = attempt.exit_code, attempt.exit_signal, runtime(attempt)
    after = "" if seconds is None else f" after {seconds:.0f} s"
    if signal:
        return End(EndClass.UNKNOWN, f"signal {signal}{after}")
    least, most = VALIDATION_S
    if code == 1 and seconds is not None and least <= seconds <= most:
        said = f"exit code 1{after}: a glidein whose validation fails sleeps for 1199 s first"
        return End(EndClass.VALIDATION_FAILED, said)
    if code == 0:
        return End(EndClass.NORMAL, f"exit code 0{after}")
    return End(EndClass.UNKNOWN, f"exit code {code}{after}")


def runtime(attempt: Attempt) -> float | None:
    """How long it ran, in seconds; None when that is not on record."""
    if attempt.started_at is None or attempt.ended_at is None:
        return None
    return max(0.0, attempt.ended_at - attempt.started_at)
