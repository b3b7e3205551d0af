"""What is known about a site while its session goes on. Times in seconds since the epoch (UTC)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hosted_ce.session.found import Fault

STRETCH_S = 300.0
"""A pilot that ran for so long got over what ends one at a node that is no good."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cluster. `problem` says why nothing can be submitted there; None: it can."""

    name: str
    problem: str | None
    since: float | None = None
    known: bool = True
    """Whether it was tried at all."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A run of the checks at one cluster. `counts` are by verdict; `faults` are what failed and warned.

    `broke`: why it ended before it was done.
    """

    id: int
    cluster: str
    begun_at: float
    ended_at: float | None
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    unlooked: int = 0
    """How many of the faults earlier runs found, of checks that this one did not look at."""
    progress: str | None = None
    broke: str | None = None


@dataclass(frozen=True, slots=True)
class PilotSeen:
    """A pilot. `ended` says how it ended, if it did; `why` where it is, in one line."""

    id: int
    state: str
    came_at: float
    came_by: str
    """The door's name."""
    what: str
    """What it runs."""
    route: str | None = None
    batch_id: str | None = None
    node: str | None = None
    routed_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    over: bool = False
    well: bool = False
    """It ended with exit code 0, and its outputs are here."""
    ended: str | None = None
    why: str | None = None

    def ran_s(self, now: float) -> float:
        """For how long it has run."""
        if self.started_at is None:
            return 0.0
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)


@dataclass(frozen=True, slots=True)
class RampSeen:
    """The ramp of a route. `mode`: auto, paused or pinned; `waits_for`: what the next step waits for."""

    route: str
    cap: int
    target: int
    mode: str
    since: float
    waits_for: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of something that an operator started, and that has its result at once."""

    at: float
    well: bool
    seen: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. Test pilots and pilots are those that came since the session began, newest first."""

    now: float
    places: tuple[Place, ...] = ()
    file_problem: str | None = None
    """Why the site file is not in force as it is; None: it is."""
    file_since: float | None = None
    contacts: tuple[str, ...] = ()
    """Whom the site file names."""
    door: str | None = None
    """Where factories bring pilots; None: the site file has no front door."""
    checks: tuple[CheckRun, ...] = ()
    """The newest of each cluster, of those that began since the session did."""
    tests: Mapping[str, tuple[PilotSeen, ...]] = field(default_factory=dict)
    """By kind: hello, stress."""
    pilots: tuple[PilotSeen, ...] = ()
    """Those that came by the front door; of a site without one, all that are no test."""
    ramps: tuple[RampSeen, ...] = ()
    checks_every: str | None = None
    """How often checks are run by themselves; None: never."""
    ran: Mapping[str, Ran] = field(default_factory=dict)
    """By act: the newest that has its result at once."""
