"""Routes, and what they make of a pilot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hosted_ce.routing.limits import Caps


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the site for one pilot. Memory in MB, walltime in seconds.

    A pilot's own environment goes over `base_environment`, and `environment` over both. Where `replaces` is
    true `environment` is all that there is: the route had the pilot's own in its hands.
    """

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
    gpu_type: str | None = None
    constraint: str | None = None
    reservation: str | None = None
    replaces: bool = False


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
    """The route taken, if any, what it asks for, and the trials in order.

    `notes` are steps of the route that were passed over for this pilot, with their places.
    """

    route: str | None
    cluster: str | None
    ask: Ask | None
    trials: tuple[Trial, ...]
    vo: str = "unknown"
    notes: tuple[str, ...] = ()

    @property
    def unroutable(self) -> bool:
        """Whether no route would take the pilot even if all had room."""
        return self.route is None and not any(trial.full for trial in self.trials)

    @property
    def reason(self) -> str:
        """In words, why the pilot waits or where it goes."""
        if self.route:
            return f"route {self.route}"
        tried = "; ".join(f"{trial.route}: {trial.obstacle}" for trial in self.trials)
        if any(trial.full for trial in self.trials):
            return f"waits for room: {tried}"
        return f"no route takes it: {tried}" if tried else "no route takes it: the site file has none"


@dataclass(frozen=True, slots=True)
class ClusterRules:
    """What holds for all routes to one cluster: the account that its pilots must have, and its caps.

    `check_extra` says what is wrong with a directive that a pilot or a route's text brings; None: nothing.
    """

    account: str | None = None
    caps: Caps = field(default_factory=Caps)
    check_extra: Callable[[str], str | None] = lambda text: None
