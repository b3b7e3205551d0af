"""The gate before submission: closed until the site has been reconciled."""

from __future__ import annotations

import asyncio


class Gate:
    """Open while what we know of a site is current. Closed at start and whenever contact was lost.

    A complete listing opens it: a submission whose answer was lost is then found before anything is sent.
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self.reason: str | None = "the site has not been listed yet"

    @property
    def is_open(self) -> bool:
        """Whether submissions may go on."""
        return self._open.is_set()

    def open(self) -> None:
        """The site was reconciled."""
        self.reason = None
        self._open.set()

    def close(self, reason: str) -> None:
        """Contact was lost or the site is in trouble."""
        self.reason = reason
        self._open.clear()

    async def wait(self) -> None:
        """Returns when it is open."""
        await self._open.wait()
