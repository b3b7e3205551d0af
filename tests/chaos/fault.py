"""A fault: something that breaks while pilots flow, and is mended again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.world import World

Inject = Callable[[World], int]
"""Breaks something, mostly several times, and mends it; returns how often it was broken."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`deadly`: the site ends batch jobs. `outputs_lost`: what jobs wrote is gone for good."""

    name: str
    inject: Inject
    deadly: bool = False
    outputs_lost: bool = False
    pilots_for: float = 4.0
    """Seconds over which pilots are submitted."""
    longest: float = 4.0
    """Seconds that a pilot runs, at most."""
