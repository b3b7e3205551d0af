"""A connection's transport whose end is watched, whoever closes it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from hosted_ce.listening.taking import Taking


class Watched(asyncio.Transport):
    """Stands for a transport, and for the one below it where that is TLS's."""

    def __init__(self, transport: asyncio.Transport, below: asyncio.Transport, taking: Taking):
        super().__init__()
        self._transport, self._below, self._taking = transport, below, taking

    def close(self) -> None:
        """No more is read or written; what was written goes on until the client has taken it.

        Once only: asyncio's transport of TLS forgets its connection when it is closed again. TLS would wait
        for the client's own farewell, too; below nobody does.
        """
        if self._transport.is_closing():
            return
        self._transport.close()
        if self._below is not self._transport:
            self._below.close()
        self._taking.last()

    def abort(self) -> None:
        """Ends it; what was written and not taken is lost."""
        self._below.abort()

    def is_closing(self) -> bool:
        """Whether it has been closed, or lost."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends it as the client takes it."""
        self._transport.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Sends them as the client takes them."""
        self._transport.writelines(list_of_data)

    def is_reading(self) -> bool:
        """Whether the client is listened to."""
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        """Does not listen to the client."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Listens again."""
        self._transport.resume_reading()
