"""The gate before submission: closed until the site has been reconciled."""

from __future__ import annotations

import asyncio


class Gate:
    """Open while what we know of a site is current. Closed at start and whenever contact was lost.

    A complete listing that was asked for after the last trouble opens it: a submission whose answer was lost
    is then found before anything is sent.
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self.reason: str | None = "the site has not been listed yet"
        self.closings = 0
        """How often it was closed."""

    @property
    def is_open(self) -> bool:
        """Whether submissions may go on."""
        return self._open.is_set()

    def open(self, closings: int) -> None:
        """The site was reconciled by what was asked for when the gate had been closed `closings` times.

        It stays closed when there was trouble since.
        """
        if closings == self.closings:
            self.reason = None
            self._open.set()

    def close(self, reason: str) -> None:
        """Contact was lost or the site is in trouble."""
        self.closings += 1
        self.reason = reason
        self._open.clear()

    async def wait(self) -> None:
        """Returns when it is open."""
        await self._open.wait()
