"""What the API is told of ramps, and does to them; hosted_ce.daemon.ramps.keeper is the one in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hosted_ce.ramp.acts import Act
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.outlook import Outlook
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import State, Step


@dataclass(frozen=True, slots=True)
class RampView:
    """Where the ramp of a route stands."""

    route: str
    rules: Rules
    state: State
    evidence: Evidence
    outlook: Outlook


class UnknownRamp(Exception):
    """The route has no ramp."""

    def __init__(self, route: str, known: Sequence[str]):
        there = ", ".join(known) or "none; a route gets one by `ramp: true` in the site file"
        super().__init__(f"there is no ramp of a route {route!r}; there are: {there}")


class Ramps(Protocol):
    """The ramps of the site's routes."""

    def views(self) -> Sequence[RampView]:
        """Where each stands, in the order of the routes."""

    async def steps(self, route: str, limit: int) -> Sequence[Step]:
        """The latest steps of a route, the newest first. Raises UnknownRamp."""

    async def act(
        self, route: str, what: Act, *, actor: str, reason: str | None, cap: int | None = None
    ) -> RampView:
        """An operator does this. `cap` is where it is pinned. Raises UnknownRamp, CannotSteer."""
