"""Whether a client takes what is sent to it.

asyncio waits for ever for one that does not, also with a connection that we have closed.
"""

from __future__ import annotations

import asyncio

LOOK_S = 30.0
LEAST = 30 * 1024
"""Bytes that must be taken in that time, while answers wait or the connection is to end."""


class Taking:
    """Looks at one connection from `begin` to `end`, and cuts it off when too little was taken."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop):
        self._transport, self._loop = transport, loop
        self._left = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """More is there than the client takes now, or this is the end."""
        if self._timer is None:
            self._left = self._transport.get_write_buffer_size()
            self._timer = self._loop.call_later(LOOK_S, self._look)

    def end(self) -> None:
        """All is taken, or the connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._left - self._transport.get_write_buffer_size() < LEAST:
            self._transport.abort()
        else:
            self.begin()
