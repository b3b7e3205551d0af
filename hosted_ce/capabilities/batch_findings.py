"""What is wrong with a batch system for our account, from a probe's facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bosco.batch.facts import BatchFacts, Records
from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.capabilities.wanted import Wanted

POLLS = 2
"""An ended job should stay listed for so many times the time between two listings."""


def batch_findings(batch: BatchFacts, wants: Wanted) -> Iterator[Finding]:
    """All that are not about one route."""
    for problem in batch.problems:
        todo = "ask the site's administrators, or mend the site file where it is to blame"
        yield Finding("batch-system", Weight.PROBLEM, problem, todo)
    yield from _records(batch, wants)
    yield from _arrays(batch, wants)
    if batch.most_jobs is not None and wants.pilots is not None and wants.pilots > batch.most_jobs:
        yield Finding(
            "too-many-pilots", Weight.WARNING,
            f"the site file allows {wants.pilots} pilots, and {batch.name} allows the account "
            f"{batch.most_jobs} jobs",
            f"set the cluster's `limits.pilots` to {batch.most_jobs}, or ask the site for more: what is "
            "above is refused again and again",
        )  # fmt: skip


def _arrays(batch: BatchFacts, wants: Wanted) -> Iterator[Finding]:
    if wants.together == 1 and batch.rate_limited:
        yield Finding(
            "rate-limited", Weight.WARNING,
            f"{batch.name} limits how many requests a user may send (rl_enable): thirty at once and two a "
            "second by its own defaults, each pilot being one",
            "let pilots share job arrays: `arrays: {most: 100}` in the cluster's entry",
        )  # fmt: skip
    most = batch.largest_array
    if most is not None and wants.together > max(1, most):
        todo = "take `arrays` out of the cluster's entry" if most < 2 else f"set `arrays.most` to {most}"  # noqa: PLR2004
        yield Finding(
            "array-too-large", Weight.WARNING,
            f"the site file lets {wants.together} pilots share an array, and {batch.name} takes {most} "
            "(MaxArraySize)",
            f"{todo}, or ask the site for more: larger ones are refused, and their pilots go in alone",
        )  # fmt: skip


def _records(batch: BatchFacts, wants: Wanted) -> Iterator[Finding]:
    why = batch.unknown.get("records", "it does not say why")
    if batch.records is Records.AWAY:
        yield Finding(
            "records-away", Weight.WARNING, f"the batch system's records do not answer: {why}",
            "ask the site to look after them: until then jobs that leave the queue without a word are lost",
        )  # fmt: skip
    listed = batch.remembers_s
    if batch.records is not Records.OFF or listed is None or listed >= POLLS * wants.poll_s:
        return
    if listed:
        said = f"ended jobs are listed for {listed} s only, and there are no records of them: {why}"
        todo = (
            f"set `poll` to {max(1, listed // POLLS)}s or less, or ask the site to remember them for longer"
        )
    else:
        said = f"ended jobs are in no listing and in no records: {why}"
        todo = "ask the site to keep records"
    yield Finding(
        "ends-unseen", Weight.WARNING, said,
        f"{todo}: a job that is killed before it writes down its own end counts as lost",
    )  # fmt: skip
