"""One decision as it is written down. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What was decided. The names are in files that others read."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    """Whoever asked may not."""
    NOT_DONE = "not_done"
    """They may, and it could not be done: there is no such pilot, or the request was wrong."""
    FAILED = "failed"
    """By a mistake of the CE."""


@dataclass(frozen=True, slots=True)
class Record:
    """Who, what, and what was decided. `facts` are who else and on what: role, token_id, pilot, cluster, …"""

    door: str
    """Through which it came: rest, condor, ce (the CE by itself), cli (a command beside the CE)."""
    who: str | None
    """None: nobody that is known."""
    action: str
    outcome: Outcome
    why: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def members(self, at: str) -> dict[str, Any]:
        """The line's members in their order, without those that say nothing."""
        head = {
            "at": at,
            "door": self.door,
            "who": self.who,
            "action": self.action,
            "outcome": self.outcome.value,
        }
        return {
            name: value
            for name, value in {**head, **self.facts, "why": self.why}.items()
            if value is not None
        }
