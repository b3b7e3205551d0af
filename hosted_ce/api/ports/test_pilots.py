"""What the API asks of who sends test pilots."""

from __future__ import annotations

from typing import Protocol

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.test_pilots.errand import Errand


class CannotTest(Exception):
    """No such test can be sent; the text says why."""


class TestPilots(Protocol):
    """Test pilots and checks of nodes; hosted_ce.daemon.test_pilots is the one in use."""

    async def submit(self, errand: Errand, *, owner: str, key: str | None = None) -> tuple[Pilot, bool]:
        """Sends one; returns its pilot, and whether it is new. Raises CannotTest, KeyReused."""
