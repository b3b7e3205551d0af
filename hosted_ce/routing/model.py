"""Routes, and what they make of a pilot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a route asks for where the pilot does not say."""

    cpus: int = 1
    memory_mb: int = 2000
    walltime_s: int = 72 * 3600
    queue: str | None = None
    account: str | None = None
    qos: str | None = None
    gpus: int = 0
    whole_node: bool = False
    extra: tuple[str, ...] = ()
    base_environment: Mapping[str, str] = field(default_factory=dict)
    """What a pilot finds unless it brings its own: of the site, not of the route."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The route's own. It wins over the pilot's, as HTCondor-CE's default_pilot_job_env does."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of a route's pilots may be at the site, and how many of them may wait there."""

    pilots: int
    idle: int


@dataclass(frozen=True, slots=True)
class Route:
    """One rule. `when` is a ClassAd expression over the pilot's attributes; None takes every pilot."""

    name: str
    cluster: str
    limits: Limits
    defaults: Defaults = field(default_factory=Defaults)
    when: str | None = None
    account: str | None = None
    """The account of its cluster: a pilot that is mapped to another is not for it. None: for all."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many of a route's pilots are at the site (waiting or running), and how many of them wait."""

    pilots: int = 0
    idle: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the site for one pilot. Memory in MB, walltime in seconds."""

    cpus: int
    memory_mb: int
    walltime_s: int
    queue: str | None
    account: str | None
    qos: str | None
    gpus: int
    whole_node: bool
    extra: tuple[str, ...]
    base_environment: Mapping[str, str]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one route: why it did not take the pilot, or None if it did.

    `full` tells a route that would take the pilot had it room from one that never will.
    """

    route: str
    obstacle: str | None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The route taken, if any, what it asks for, and the trials in order."""

    route: Route | None
    ask: Ask | None
    trials: tuple[Trial, ...]

    @property
    def unroutable(self) -> bool:
        """Whether no route would take the pilot even if all had room."""
        return self.route is None and not any(trial.full for trial in self.trials)

    @property
    def reason(self) -> str:
        """In words, why the pilot waits or where it goes."""
        if self.route:
            return f"route {self.route.name}"
        tried = "; ".join(f"{trial.route}: {trial.obstacle}" for trial in self.trials)
        if any(trial.full for trial in self.trials):
            return f"waits for room: {tried}"
        return f"no route takes it: {tried}" if tried else "no route takes it: the site file has none"
