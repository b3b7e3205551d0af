"""Whether a client takes what is sent to it.

asyncio waits for ever for one that does not, also with a connection that we have closed.
"""

from __future__ import annotations

import asyncio
import socket
import struct

LOOK_S = 30.0
LEAST = 30 * 1024
"""Bytes that must be taken in that time, while answers wait or the connection is to end."""
PATIENCE = 2
"""Looks in succession that find less before it ends: TCP's windows open in steps, on loopback of 100 kB."""
_ACKED = struct.Struct("120xQ")
"""`tcpi_bytes_acked` in Linux's `struct tcp_info` (linux/tcp.h), since 4.1."""


class Taking:
    """Looks at one connection while there is something to take, and cuts it off when too little was.

    With TLS, `transport` is the one below it: that of TLS knows nothing of what has been given to this one.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop):
        self._transport, self._loop = transport, loop
        self._taken = self._idle = 0
        self._last = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """More is there than the client takes now."""
        if self._timer is None:
            self._idle = 0
            self._wait(taken(self._transport))

    def enough(self) -> None:
        """The client has taken enough for now; at the end it is to take all."""
        if not self._last:
            self.stop()

    def last(self) -> None:
        """No more will come: the connection is to end when the client has taken what there is."""
        self._last = True
        self.begin()

    def stop(self) -> None:
        """The connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, now: int) -> None:
        self._taken = now
        self._timer = self._loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._timer = None
        now = taken(self._transport)
        self._idle = self._idle + 1 if now - self._taken < LEAST else 0
        if self._idle < PATIENCE:
            self._wait(now)
        else:
            self._transport.abort()


def taken(transport: asyncio.Transport) -> int:
    """A count that grows by the bytes that the client takes; only its growth says anything.

    It is the kernel's, of what was acknowledged. The transport's buffer is told only where there is none: it
    stands still until a third of the kernel's own, of some MB, is free, and over TLS it leaves out what
    the transport below has.
    """
    ours = transport.get_extra_info("socket")
    try:
        info = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED.size) if ours else b""
    except OSError:  # not of TCP
        info = b""
    acked: int = _ACKED.unpack(info)[0] if len(info) == _ACKED.size else 0
    # 0: none yet, or nobody counts. One look may then see the change from the one to the other as progress.
    return acked or -transport.get_write_buffer_size()
