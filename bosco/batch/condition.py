"""How a batch system is doing for our account: what a check wants to know beyond a probe. Pure words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of one queue: how many there are, how many work, and in which states the others are."""

    total: int
    working: int
    others: Mapping[str, int] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    """Of those that work."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A field that is None is not known, and `unknown` says why, by its name."""

    other_jobs: tuple[str, ...] | None = None
    """Names of jobs of our account that no CE has submitted."""
    nodes: Mapping[str, Nodes] | None = None
    """By queue."""
    kill_wait_s: int | None = None
    """How long a job has between SIGTERM and SIGKILL."""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the batch system says of a submission that was tried and not made; None: it cannot tell."""

    taken: bool | None
    said: str
    starts_at: float | None = None
    """When it would start, in seconds since the epoch (UTC); None: it does not tell."""
