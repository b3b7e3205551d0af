"""What is known of the runs of one route's pilots in a span of time: counts, never single pilots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from hosted_ce.pilots.end_classes import EndClass


class Resource(StrEnum):
    """What is asked and granted; the values are the names in an attempt's `request` and `granted`."""

    CORES = "cpus"
    MEMORY = "memory_mb"
    WALLTIME = "walltime_s"
    GPUS = "gpus"
    NODES = "nodes"
    QUEUE = "queue"
    ACCOUNT = "account"
    QOS = "qos"


NAMES = frozenset({Resource.QUEUE, Resource.ACCOUNT, Resource.QOS})
"""Those that are names; the others are numbers."""


class Measure(StrEnum):
    """What of the granted was used, in percent of it."""

    CORES = "cpus"
    """CPU time of all processes, of cores times the time of the run."""
    MEMORY = "memory_mb"
    """The peak."""
    WALLTIME = "walltime_s"
    """The time of the run."""


Value = int | str | None
"""None: it was not asked, or the batch system does not say."""


class Pair(NamedTuple):
    """Runs of which the same was asked and the same granted."""

    asked: Value
    granted: Value
    runs: int
    core_s: float


class Shape(NamedTuple):
    """Runs of the same size: as granted, or else as asked. `memory_mb` is None for whole nodes."""

    cpus: int
    memory_mb: int | None
    gpus: int
    runs: int
    core_s: float


class Ended(NamedTuple):
    """Runs that ended in the same way on the same node. The node is None for those that ended normally."""

    what: EndClass
    node: str | None
    runs: int
    core_s: float


class Cut(NamedTuple):
    """Runs that something ended after nearly the same time: from `band` times CUT_S seconds on."""

    what: EndClass
    band: int
    runs: int
    core_s: float


CUT_S = 600


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """The runs of one route that are over."""

    route: str
    cluster: str
    runs: int = 0
    core_s: float = 0.0
    """Core seconds granted to them."""
    never_ran: int = 0
    """Attempts that were over before they ran, and that nobody had asked to end."""
    pairs: Mapping[Resource, Sequence[Pair]] = field(default_factory=dict)
    shares: Mapping[Measure, Mapping[int, int]] = field(default_factory=dict)
    """Runs by percent, rounded down; those of which it is not known are in none."""
    shapes: Sequence[Shape] = ()
    ends: Sequence[Ended] = ()
    cuts: Sequence[Cut] = ()


@dataclass(frozen=True, slots=True)
class NodeKind:
    """Nodes that are alike, and what each has. None: it is not told; of the queue: it is in all of them."""

    queue: str | None
    nodes: int
    cpus: int
    memory_mb: int | None = None
    gpus: int | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """The nodes behind a route. `shapes` is None where they are not known, and `why` says why."""

    shapes: tuple[NodeKind, ...] | None
    why: str | None = None
    default_queue: str | None = None
