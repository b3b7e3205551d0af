"""What earlier runs of a cluster's checks found, where a later one did not look. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Run
from hosted_ce.checks.verdict import Verdict


def unsettled(run: Run, before: Sequence[Run]) -> tuple[Result, ...]:
    """What was not well of checks that this run did not look at, by the last one that did.

    `before`: earlier runs, the newest first.
    """
    return tuple(_unsettled(run, before))


def _unsettled(run: Run, before: Sequence[Run]) -> Iterator[Result]:
    looked = looked_at(run)
    for earlier in before:
        for each in earlier.results or ():
            if each.check not in looked and each.verdict.badness:
                yield replace(each, seen=f"{each.seen} (run {earlier.id}; not looked at since)")
        looked |= looked_at(earlier)


def first_seen(result: Result, runs: Sequence[Run]) -> float | None:
    """When the first of the runs ended that found it, each since then that looked finding it, too.

    `runs`: the newest first. None: that one goes on.
    """
    found: float | None = None
    for run in runs:
        bad = {(each.check, each.where) for each in run.results or () if each.verdict.badness}
        if (result.check, result.where) in bad:
            found = run.ended_at
        elif result.check in looked_at(run):
            break
    return found


def looked_at(run: Run) -> set[str]:
    """The checks of which it says more than that they were skipped."""
    return {each.check for each in run.results or () if each.verdict is not Verdict.SKIPPED}
