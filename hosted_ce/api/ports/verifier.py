"""What the API asks of who verifies contributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hosted_ce.verification.report import RouteReport


class Verifier(Protocol):
    """Verifies contributions; hosted_ce.daemon.verifying is the one in use."""

    async def reports(self, seconds: float) -> Sequence[RouteReport]:
        """Of each route: of the runs that ended in so many seconds before now."""
