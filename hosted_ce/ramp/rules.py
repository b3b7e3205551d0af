"""What a route's ramp goes by, as the site file says."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.pilots.end_classes import NODES_FAULT, EndClass

FAULTS = NODES_FAULT | {EndClass.VANISHED, EndClass.REMOVED_AT_SITE, EndClass.UNKNOWN}
"""Ends that speak against the site or against us; a payload's own are none."""
WINDOW = 3
"""What ended longer ago than so many times `ran_for_s` is no evidence any more."""
LONGEST_REST = 16
MEMORY = 32
"""A fall is forgotten after so many first rests; more than the longest one, so that rests can grow to it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When a route admits more pilots, and when fewer. Shares are between 0 and 1, times in seconds."""

    start: int
    target: int
    factor: float = 2.0
    """By which the cap grows."""
    started: float = 0.75
    """Which part of the pilots that a level lets in has to start, and to run for long enough."""
    ran_for_s: float = 1500.0
    failures: float = 0.1
    """Which part of the pilots that are judged may have failed."""
    classes: frozenset[EndClass] = FAULTS
    """Which ends are failures; `unknown` only of pilots that ran for less than `ran_for_s`."""
    queue_wait_s: float = 3600.0
    rest_s: float = 1800.0
    """How long nothing goes up after the first fall; doubled by each one that follows."""

    @property
    def floor(self) -> int:
        """The lowest cap that the ramp takes by itself."""
        return min(self.start, self.target)

    @property
    def window_s(self) -> float:
        """How long an end is evidence."""
        return WINDOW * self.ran_for_s

    @property
    def longest_rest_s(self) -> float:
        """The longest rest after a fall."""
        return LONGEST_REST * self.rest_s

    @property
    def memory_s(self) -> float:
        """For how long a fall makes the next one's rest longer."""
        return MEMORY * self.rest_s
