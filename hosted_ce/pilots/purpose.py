"""What a pilot is for: its factory, or the people who look after the site. Pure."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a pilot is for. What the others are counted in, and what not: decision record 0052."""

    PILOT = "pilot"
    """Work: it was sent to run jobs."""
    TEST = "test"
    """Somebody looks whether pilots get through."""
    CHECK = "check"
    """A check of the site looks at a worker node."""

    @property
    def counts(self) -> bool:
        """Whether it is a contribution, evidence about its route and node, and in the factory's figures."""
        return self is Purpose.PILOT
