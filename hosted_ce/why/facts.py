"""What is known when a pilot's whereabouts are explained. Times are seconds since the epoch (UTC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.pilots.pilot import Attempt, Event, Pilot


class Condition(StrEnum):
    """How the pilot's cluster is doing: the words of its circuit, and one for a cluster that is gone."""

    READY = "ready"
    DEGRADED = "degraded"
    CONNECTING = "connecting"
    DOWN = "down"
    AUTH_REFUSED = "auth_refused"
    PAUSED = "paused"
    GONE = "gone"
    """The site file has no such cluster any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """The cluster of the pilot's attempt."""

    name: str
    condition: Condition
    since: float | None = None
    said: str | None = None
    """Why it is not ready."""
    closed: str | None = None
    """Why nothing is submitted there now; None: it is."""
    poll_s: float = 30.0
    """How often they are listed."""
    cancel_grace_s: float = 120.0
    """How long a running pilot has after SIGTERM."""
    doubt_deadline_s: float = 3600.0
    """After so long an operator is told of a doubt."""
    missing_grace_s: float = 120.0
    """So long a job must be gone from complete listings before it may be lost."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """That the site refused the last pilot of the pilot's route, and when the next one is tried."""

    route: str
    said: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Ramp:
    """How far the ramp is that keeps the pilot back."""

    cap: int
    target: int
    next_cap: int
    waits_for: str
    """What the next step waits for, with its numbers."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the routes make of a pilot that waits."""

    route: str | None = None
    """The one that takes it now."""
    waits_for: str | None = None
    """The one that will take it when there is room."""
    obstacle: str | None = None
    """What is in the way there: which limit is full."""
    ramp: Ramp | None = None
    """That it is the route's ramp; None: it is another limit."""
    reason: str = "not routed yet"
    """Every route with what was in the way."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the pilot's history, and when it was."""

    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, as of `now`. `events` are the pilot's, oldest first."""

    now: float
    pilot: Pilot
    events: Sequence[Happening] = ()
    place: Place | None = None
    """None: the pilot has had no attempt."""
    outlook: Outlook | None = None
    """None: the pilot does not wait, or the routes were not asked."""
    refusal: Refusal | None = None
    no_route_hold_s: float | None = None
    """A pilot that no route takes is held after this long; None: never."""

    @property
    def attempt(self) -> Attempt:
        """The latest attempt, of a pilot that has one. Raises ValueError."""
        if self.pilot.attempt is None:
            raise ValueError(f"pilot {self.pilot.id} has no attempt")
        return self.pilot.attempt

    def last(self, *whats: str) -> Happening | None:
        """The last event of one of these kinds."""
        return next((each for each in reversed(self.events) if each.event.what in whats), None)

    def since(self, *whats: str) -> float:
        """When the last event of one of these kinds was; without one, since when the state is what it is."""
        found = self.last(*whats)
        return found.at if found else self.pilot.changed_at
