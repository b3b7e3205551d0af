"""The answer to "where is my pilot, and why?"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Turn(StrEnum):
    """Whose move it is."""

    CE = "ce"
    """The CE goes on by itself: there is nothing to do."""
    OSG = "osg"
    """An operator of the CE."""
    SITE = "site"
    """The site: its batch system, or its administrators."""
    FACTORY = "factory"
    """Who sent the pilot."""
    NOBODY = "nobody"
    """It runs, or is over: there is nothing to do."""


class Situation(StrEnum):
    """Stable names of what can be the matter; docs/operators/command-line.md lists them."""

    TO_BE_ROUTED = "to_be_routed"
    NO_ROUTE = "no_route"
    NO_ROOM = "no_room"
    ROUTE_REFUSED = "route_refused"
    NEXT_TRY = "next_try"
    BEING_SUBMITTED = "being_submitted"
    NOT_SUBMITTING = "not_submitting"
    IN_DOUBT = "in_doubt"
    IN_DOUBT_TOO_LONG = "in_doubt_too_long"
    IN_QUEUE = "in_queue"
    NEVER_STARTS = "never_starts"
    HELD_AT_SITE = "held_at_site"
    RUNNING = "running"
    OVERRUN = "overrun"
    MISSING = "missing"
    ENDING = "ending"
    FETCHING = "fetching"
    FROZEN = "frozen"
    STRANDED = "stranded"
    PARKED = "parked"
    HELD = "held"
    COMPLETED = "completed"
    REMOVED = "removed"
    LOST = "lost"
    INCONSISTENT = "inconsistent"
    """What is written down cannot be: a mistake of this CE."""


@dataclass(frozen=True, slots=True)
class Answer:
    """In plain words; times in seconds since the epoch (UTC)."""

    situation: Situation
    where: str
    """The end of "it ...": `is in the site's queue: batch job 4711 at cluster main`."""
    why: str
    since: float | None
    waits_for: str | None
    """What has to come first; None: nothing, it runs or is over."""
    next: str | None
    """What happens next; None: nothing, it is over."""
    next_at: float | None
    """When, at the latest or about; None: that cannot be told."""
    turn: Turn
    todo: str
    """What to do about it."""
    notes: tuple[str, ...] = ()
    """What else bears on it."""
