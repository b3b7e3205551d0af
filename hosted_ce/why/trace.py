"""A pilot's way from the door to a worker node and back, hop by hop. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot
from hosted_ce.pilots.states import FINAL, Stage, State
from hosted_ce.why.answer import Answer
from hosted_ce.why.facts import Facts


class Progress(StrEnum):
    """How far a hop is."""

    DONE = "done"
    NOW = "now"
    """It is being waited for."""
    FAILED = "failed"
    LATER = "later"
    """Its turn has not come, or will not come any more."""


class Ending(StrEnum):
    """What became of the pilot as a whole."""

    UNDER_WAY = "under_way"
    PASSED = "passed"
    """It ran, ended with exit code 0, and its outputs are here."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop. Times in seconds since the epoch; `took_s`: since the hop before."""

    name: str
    title: str
    progress: Progress
    at: float | None
    took_s: float | None
    said: str | None
    """What was said when it was done, or why it failed; None: nothing yet."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All hops of the latest attempt, and why earlier attempts came to nothing."""

    ending: Ending
    hops: tuple[Hop, ...]
    earlier: tuple[str, ...]


_TITLES = {
    "routed": "routed", "submitted": "submitted", "began": "begun on a node", "ended": "ended",
    "returned": "outputs back",
}  # fmt: skip


class _Known(NamedTuple):
    name: str
    title: str
    at: float | None
    said: str | None
    bad: bool = False


def trace_of(facts: Facts, answer: Answer) -> Trace:
    """The trace; `answer` is what there is to say of the hop that is waited for."""
    pilot, known = facts.pilot, list(_known(facts.pilot))
    reached = max(index for index, hop in enumerate(known) if hop.at is not None)
    failed = next((index for index, hop in enumerate(known) if hop.bad), None)
    ending = _ending(pilot)
    if failed is None and ending is Ending.FAILED:
        failed = min(reached + 1, len(known) - 1)
    hops, before = [], pilot.created_at
    for index, hop in enumerate(known):
        progress = _progress(index, reached, failed, ending)
        took = None if hop.at is None else max(0.0, hop.at - before)
        before = before if hop.at is None else hop.at
        said = hop.said or (answer.why if progress in (Progress.NOW, Progress.FAILED) else None)
        hops.append(Hop(hop.name, hop.title, progress, hop.at, took, said))
    return Trace(ending, tuple(hops), _earlier(facts))


def _progress(index: int, reached: int, failed: int | None, ending: Ending) -> Progress:
    if index == failed:
        return Progress.FAILED
    if index <= reached:
        return Progress.DONE
    if ending is Ending.UNDER_WAY and index == reached + 1:
        return Progress.NOW
    return Progress.LATER


def _ending(pilot: Pilot) -> Ending:
    if pilot.state not in FINAL and pilot.state is not State.HELD:
        return Ending.UNDER_WAY
    attempt = pilot.attempt if pilot.state is State.COMPLETED else None
    well = attempt is not None and attempt.exit_code == 0 and _ended_well(attempt)
    return Ending.PASSED if well else Ending.FAILED


def _known(pilot: Pilot) -> Iterator[_Known]:
    yield _Known("received", "at the door", pilot.created_at, f"came by {pilot.door}, from {pilot.owner}")
    attempt = None if pilot.stage is Stage.WAITING else pilot.attempt
    if attempt is None:
        yield from (_Known(name, title, None, None) for name, title in _TITLES.items())
    else:
        yield from _of_attempt(attempt, over=pilot.stage is Stage.DONE)


def _of_attempt(attempt: Attempt, *, over: bool) -> Iterator[_Known]:
    def known(name: str, at: float | None, said: str | None, *, bad: bool = False) -> _Known:
        return _Known(name, _TITLES[name], at, None if at is None else said, bad)

    yield known("routed", attempt.created_at, _asked(attempt))
    yield known("submitted", attempt.submitted_at, f"batch job {attempt.batch_id} at {attempt.cluster}")
    yield known("began", attempt.started_at, f"on {attempt.node or 'a node that is not named'}")
    bad = attempt.ended_at is not None and not _ended_well(attempt)
    yield known("ended", attempt.ended_at, _end(attempt), bad=bad)
    yield known("returned", attempt.closed_at if over and attempt.ended_at else None, _outputs(attempt))


def _asked(attempt: Attempt) -> str:
    ask = attempt.request
    words = {
        "cpus": "{} core(s)", "memory_mb": "{} MB", "queue": "queue {}", "node": "node {}",
    }  # fmt: skip
    shape = [form.format(ask[name]) for name, form in words.items() if ask.get(name)]
    shape += [f"{ask['walltime_s'] / 60:g} min"] if ask.get("walltime_s") else []
    return f"{attempt.route} to {attempt.cluster}, as {attempt.stamp}: {', '.join(shape)}"


def _ended_well(attempt: Attempt) -> bool:
    return attempt.outcome in (None, Outcome.EXITED) and not attempt.exit_code and not attempt.exit_signal


def _end(attempt: Attempt) -> str:
    said = [part for part in (attempt.site_state, attempt.site_reason) if part]
    if attempt.outcome not in (None, Outcome.EXITED):
        return f"{attempt.outcome.value}: {', '.join(said) or 'the site does not say why'}"
    if attempt.exit_signal:
        return f"by signal {attempt.exit_signal}"
    return (
        f"with exit code {attempt.exit_code}"
        if attempt.exit_code is not None
        else "its exit code is not known yet"
    )


def _outputs(attempt: Attempt) -> str:
    sizes = ((attempt.stdout_bytes, "stdout"), (attempt.stderr_bytes, "stderr"))
    return ", ".join(f"{size or 0} bytes of {name}" for size, name in sizes)


def _earlier(facts: Facts) -> tuple[str, ...]:
    return tuple(
        one.event.reason or "an attempt came to nothing"
        for one in facts.events
        if one.event.what == "attempt_failed"
    )
