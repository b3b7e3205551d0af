"""A clock that tests set."""

from __future__ import annotations


class Clock:
    """Seconds since the epoch; they pass only when a test says so."""

    def __init__(self, at: float = 1_800_000_000.0):
        self.at = at

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.at += seconds
