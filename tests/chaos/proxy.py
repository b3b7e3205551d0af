"""A TCP proxy before the login node: delays, stalls, another node behind the same name."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

CHUNK = 64 * 1024


class Proxy:
    """Forwards connections to `target`, in a thread of its own."""

    def __init__(self, target: int):
        self.target = target
        self.delay = 0.0
        """Seconds by which each piece of data comes later, each way."""
        self.port = 0
        self.connections = 0
        self.passed = [0, 0]
        """Bytes that came from clients, and from the target."""
        self._flowing = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._call(self._open)

    def stall(self, stalled: bool) -> None:
        """Nothing passes while stalled; connections stay."""
        self._loop.call_soon_threadsafe(self._flowing.clear if stalled else self._flowing.set)

    def cut(self) -> None:
        """Resets every connection."""
        self._call(self._cut)

    def close(self) -> None:
        """Ends it all: no socket outlives it, those of connections on their way included."""
        self._call(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _call(self, work: Callable[[], Any]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)

    async def _open(self) -> None:
        self._flowing.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        serving = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await self._cut()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self.target)
        except (OSError, asyncio.CancelledError):  # cancelled at the end only
            writer.transport.abort()
            return
        self._writers.add(out)
        for way, (source, sink) in enumerate(((reader, out), (there, writer))):
            task = asyncio.create_task(self._pass(source, sink, way))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: int) -> None:
        """Delays without slowing: pieces are sent when they are due, in order."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sending = asyncio.create_task(self._send(pieces, sink))
        try:
            while data := await source.read(CHUNK):
                self.passed[way] += len(data)
                pieces.put_nowait((self._loop.time() + self.delay, data))
        except OSError:
            pass  # the other side was reset: so is this one
        pieces.put_nowait((0.0, b""))
        await sending

    async def _send(self, pieces: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter) -> None:
        try:
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                await self._flowing.wait()
                if not data:
                    break
                sink.write(data)
                await sink.drain()
        except OSError:
            pass  # as above
        sink.close()
        with contextlib.suppress(OSError):
            await sink.wait_closed()
        self._writers.discard(sink)
