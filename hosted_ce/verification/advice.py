"""One thing that somebody should know of a route, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AdviceWeight(StrEnum):
    """How much it matters."""

    LOSS = "loss"
    """Core hours are lost, or pilots get less than they need."""
    WASTE = "waste"
    """Something that the site gives is not used, or cannot be."""
    NOTE = "note"
    """Good to know; nothing is lost by it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """`id` names its kind for good (`VF-1`); `said` is what was seen, `todo` what to do and who does it.

    `key` is what to change in the site file, if it is there; `core_hours` what the runs that it is about were
    granted.
    """

    id: str
    weight: AdviceWeight
    said: str
    todo: str
    key: str | None = None
    runs: int = 0
    core_hours: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)
