"""Something about a site that somebody should know, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much it matters."""

    PROBLEM = "problem"
    """Pilots are refused, wait for ever or fail because of it."""
    WARNING = "warning"
    """It works, but not as well as it could, or not for long."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`id` names its kind for good; `said` is what was seen, `todo` what to do."""

    id: str
    weight: Weight
    said: str
    todo: str
    route: str | None = None
    """The route that it is about; None: all."""
