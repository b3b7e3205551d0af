"""What the API asks of who makes digests."""

from __future__ import annotations

from typing import Protocol

from hosted_ce.digest.forms import Digest


class Digests(Protocol):
    """Makes digests; hosted_ce.daemon.digests is the one in use."""

    async def of_last(self, seconds: float) -> Digest:
        """Of so many seconds before now."""
