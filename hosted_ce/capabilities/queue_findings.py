"""Jobs of pilots that the last listing shows as they should not stay, and whose move that is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hosted_ce.capabilities.finding import Finding, Weight

SHOWN = 3
"""So many different words of the site are shown."""


@dataclass(frozen=True, slots=True)
class InQueue:
    """How many jobs of our pilots the site lists: all, by phase, and these by the site's own words."""

    phases: Mapping[str, int] = field(default_factory=dict)
    """By the names of `bosco.batch.model.Phase`, of jobs that have not ended."""
    held: Mapping[str, int] = field(default_factory=dict)
    """Jobs that wait until somebody at the site releases them, by reason; "" where none was given."""
    unknown: Mapping[str, int] = field(default_factory=dict)
    """Jobs in states that we do not know, by state."""


def queue_findings(listed: InQueue) -> Iterator[Finding]:
    """Nobody but a person ends either of them."""
    if listed.held:
        yield Finding(
            "held-at-site", Weight.PROBLEM,
            f"{_jobs(listed.held)} held in the site's queue{_words(listed.held)}",
            "it is the site's move: ask its administrators to release them, and why they were held; pilots "
            "that nobody wants there any more: `hosted-ce pilots remove`",
        )  # fmt: skip
    if listed.unknown:
        yield Finding(
            "unknown-state", Weight.PROBLEM,
            f"{_jobs(listed.unknown)} in a state of which nothing follows{_words(listed.unknown)}",
            f"they are taken to be alive and stay as they were known last; {_meant(listed.unknown)}",
        )  # fmt: skip


def _meant(unknown: Mapping[str, int]) -> str:
    if "REVOKED" in unknown:
        return (
            "REVOKED: Slurm has given them to another cluster of a federation. Name one in the cluster's "
            "entry: `batch_options: {cluster: NAME}`"
        )
    return "ask the site what the state means, and report it"


def _jobs(numbers: Mapping[str, int]) -> str:
    number = sum(numbers.values())
    return "1 job of a pilot is" if number == 1 else f"{number} jobs of pilots are"


def _words(numbers: Mapping[str, int]) -> str:
    """The most frequent ones."""
    said = [word for word in sorted(numbers, key=lambda word: (-numbers[word], word)) if word][:SHOWN]
    return f" (the batch system says: {', '.join(said)})" if said else ""
