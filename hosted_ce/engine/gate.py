"""The gate before submission: closed until the site has been reconciled, and while an operator holds it."""

from __future__ import annotations

import asyncio


class Gate:
    """Open while what we know of a site is current. Closed at start and whenever contact was lost.

    A complete listing that was asked for after the last trouble opens it: a submission whose answer was lost
    is then found before anything is sent.
    """

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._trouble: str | None = "the site has not been listed yet"
        self._held: str | None = None
        self.closings = 0
        """How often it was closed."""

    @property
    def is_open(self) -> bool:
        """Whether submissions may go on."""
        return self._open.is_set()

    @property
    def reason(self) -> str | None:
        """Why it is closed; None while it is open."""
        return self._held or self._trouble

    @property
    def trouble(self) -> str | None:
        """What is wrong with the site; None when nothing is, also while an operator holds the gate."""
        return self._trouble

    def open(self, closings: int) -> None:
        """The site was reconciled by what was asked for when the gate had been closed `closings` times.

        It stays closed when there was trouble since.
        """
        if closings == self.closings:
            self._trouble = None
            self._change()

    def close(self, reason: str) -> None:
        """Contact was lost or the site is in trouble."""
        self.closings += 1
        self._trouble = reason
        self._change()

    def hold(self, reason: str | None) -> None:
        """An operator keeps it closed, whatever the site is like; None: no longer."""
        self._held = reason
        self._change()

    async def wait(self) -> None:
        """Returns when it is open."""
        await self._open.wait()

    def _change(self) -> None:
        if self.reason is None:
            self._open.set()
        else:
            self._open.clear()
