"""An outage as it is written down."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.incidents.cause import Cause

FRONT_DOOR = "front door"
"""The place of an incident that is at no cluster. No cluster can be called so: it has a blank."""


@dataclass(frozen=True, slots=True)
class Incident:
    """`place` is a cluster's name, or FRONT_DOOR. Times in seconds since the epoch."""

    place: str
    cause: Cause
    began_at: float
    """When the first sign of it was seen."""
    told_at: float
    said: str
    """What was seen, in the words of who said it."""
    pilots: int = 0
    """Pilots there that were not over when it was told."""
    ended_at: float | None = None
    """When it was first seen to be well again; None: it lasts."""
    id: int | None = None
    """Its number in the store; None: it is not written down yet."""
