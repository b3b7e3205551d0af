"""Routes, and what they make of a pilot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    prologue: str | None = None
    """Shell text that runs before the pilot, the same for all pilots of the route."""
    node: str | None = None
    """The node that it must run on; no route asks for one, tests do."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one route: why it did not take the pilot, or None if it did.

    `full` tells a route that would take the pilot had it room from one that never will; `failed` one that
    matches it and cannot make a job of it.
    """

    route: str
    obstacle: str | None
    full: bool = False
    failed: bool = False


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
        """In words, why the pilot waits or where it goes. Where no route takes it, the nearest come first."""
        if self.route:
            return f"route {self.route}"
        if any(trial.full for trial in self.trials):
            return f"waits for room: {_told(self.trials)}"
        # A factory sees the beginning only: first the routes that lack the least.
        nearest = _told(sorted(self.trials, key=_distance))
        return f"no route takes it: {nearest or 'the site file has none'}"


def _told(trials: Iterable[Trial]) -> str:
    return "; ".join(f"{trial.route}: {trial.obstacle}" for trial in trials)


def _distance(trial: Trial) -> int:
    """How far a route was from taking the pilot: 0 if it matched, else by clauses; an account is farthest."""
    clauses = (trial.obstacle or "").count("` is ")
    return 0 if trial.failed else clauses or _FAR


_FAR = 1000


@dataclass(frozen=True, slots=True)
class ClusterRules:
    """What holds for all routes to one cluster: the account that its pilots must have, and its caps.

    `check_extra` says what is wrong with a directive that a pilot or a route's text brings; None: nothing.
    `check_computed` does so for one that an expression of the site file made, maybe of a pilot's text.
    """

    account: str | None = None
    caps: Caps = field(default_factory=Caps)
    check_extra: Callable[[str], str | None] = lambda text: None
    check_computed: Callable[[str], str | None] = lambda text: None
