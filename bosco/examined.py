"""What an examination of a login node and its batch system has found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bosco.batch.condition import Condition, Rehearsal
from bosco.batch.facts import BatchFacts
from bosco.batch.model import Listing
from bosco.capabilities import LoginFacts
from bosco.look import Look


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing of our jobs gave, and how many seconds it took."""

    listing: Listing
    took_s: float


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known so far. None: it was not asked yet; a text: why it is not known."""

    login: LoginFacts | None = None
    batch: BatchFacts | None = None
    """None as well where the batch system does not even list our jobs: nothing more is asked of it then."""
    look: Look | str | None = None
    listed: Listed | None = None
    condition: Condition | None = None
    rehearsals: Mapping[str, Rehearsal] = field(default_factory=dict)
    """By route."""
    asked_at: float | None = None
    """When it was asked, in seconds since the epoch."""
