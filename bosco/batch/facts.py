"""What a batch system is and what an account may do there: the words in which a codec answers `probe`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Records(StrEnum):
    """Whether there are records of jobs that are listed no more."""

    ON = "on"
    """They answered just now."""
    OFF = "off"
    """The site keeps none, or none that its users can read: there is no use in asking again."""
    AWAY = "away"
    """They did not answer, and may do so later."""
    UNKNOWN = "unknown"
    """Nothing that was asked tells."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one job on one node can be given. None: no limit is told."""

    walltime_s: int | None = None
    memory_mb: int | None = None
    cpus: int | None = None
    gpus: int | None = None


@dataclass(frozen=True, slots=True)
class NodeShape:
    """Nodes that are alike, and what each of them has for jobs. None: it is not told.

    `queue` is where they can be asked for; None: the batch system does not say, or has no queues.
    """

    queue: str | None
    nodes: int
    cpus: int
    memory_mb: int | None = None
    gpus: int | None = None
    idle_cpus: int | None = None
    """Cores of all of them together that nobody used at that time, on nodes that take jobs."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue or partition. `usable`: by our account; None: it cannot be told."""

    name: str
    open: bool
    """Whether it takes jobs and starts them."""
    usable: bool | None
    why: str | None = None
    """Why it is closed, not usable, or why that cannot be told: the batch system's own words."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What a batch system told of itself.

    A field that is None and has a reason in `unknown` is not known; without a reason, there is none: no such
    limit, no default, any name is taken.
    """

    name: str
    """What it is called by its makers."""
    version: str | None = None
    queues: tuple[Queue, ...] | None = None
    """All of them, also those that our account cannot use, where it shows them."""
    default_queue: str | None = None
    limits: Limits = field(default_factory=Limits)
    """Of a job in any queue."""
    shapes: tuple[NodeShape, ...] | None = None
    """The nodes; of a node that is in several queues once for each of them."""
    most_jobs: int | None = None
    """How many jobs our account may have there at a time, waiting and running, as far as it says."""
    accounts: tuple[str, ...] | None = None
    """The accounts that our jobs may be charged to."""
    qos: tuple[str, ...] | None = None
    """Qualities of service that our jobs may ask for."""
    records: Records = Records.UNKNOWN
    rate_limited: bool = False
    """Whether it says that it limits how many requests a user may send."""
    largest_array: int | None = None
    """How many jobs may share an array, where it says so; 0: none may."""
    remembers_s: int | None = None
    """How long an ended job stays in the listing; 0: not at all."""
    problems: tuple[str, ...] = ()
    """What was found that keeps jobs out, in words: the batch system's, or about the site file's options."""
    failed: tuple[str, ...] = ()
    """Commands that did not answer; what they would have told is not known until they do."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """Why a field is not known, by its name; of `records`, why they are not on; of `limits`, what of them."""

    @property
    def partial(self) -> bool:
        """Whether it will tell more when it answers again."""
        return bool(self.failed) or self.records is Records.AWAY
