"""Server-sent events: what happens to pilots, as it is committed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import asdict, dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from hosted_ce.api.streams.bell import Bell
from hosted_ce.api.times import rfc3339
from hosted_ce.store.event_log import EventLog, LoggedEvent

MEDIA_TYPE = "text/event-stream"
AT_ONCE = 200
RETRY_MS = 2000
TURNED = b"event: changed\ndata: now\n\n"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stream goes, in seconds."""

    heartbeat: float = 15.0
    """So long it is silent at most."""
    pause: float = 0.2
    """So long it rests after each look into the database: bursts are told at once."""
    stall: float = 30.0
    """So long a client may take to accept what is sent before it is cut off."""


class EventStream:
    """One client's stream. What it has not been sent stays in the database, however slow it is."""

    def __init__(
        self, log: EventLog, bell: Bell, heard: asyncio.Event, pace: Pace, *, after: int,
        wanted: Callable[[LoggedEvent], bool], first: str = "",
        told: Callable[[Sequence[LoggedEvent]], str] | None = None,
        allowed: Callable[[], bool] = lambda: True, turn: Callable[[], int] = lambda: 0,
    ):  # fmt: skip
        """`heard` is its ear at the bell, and `first` what is sent before all events.

        It goes on as long as it is `allowed`.
        `told` makes text of some events that are wanted; without it each of them is told with its data.
        `turn` counts something else that changes: that it did is told.
        """
        self._log, self._bell, self._heard, self._pace = log, bell, heard, pace
        self._after, self._wanted, self._first, self._told = after, wanted, first, told or frames_of
        self._allowed, self._turn = allowed, turn

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Its frames, until the CE ends, or the client may not hear more."""
        yield f"retry: {RETRY_MS}\n\n".encode()
        if self._first:
            yield self._first.encode()
        turn = self._turn()
        while not self._bell.closed and self._allowed():
            self._heard.clear()
            if (now := self._turn()) != turn:
                turn = now
                yield TURNED
            found = await self._log.behind(self._after, AT_ONCE)
            if found:
                self._after = found[-1].id
            if wanted := [event for event in found if self._wanted(event)]:
                yield self._told(wanted).encode()
            if len(found) < AT_ONCE and not await self._rest():
                yield b": nothing new\n\n"

    async def _rest(self) -> bool:
        """Waits for a ring; returns whether there was one in time."""
        try:
            async with asyncio.timeout(self._pace.heartbeat):
                await self._heard.wait()
        except TimeoutError:
            return False
        if not self._bell.closed:
            await asyncio.sleep(self._pace.pause)
        return True


class StreamResponse(StreamingResponse):
    """Sends frames; cuts a client off that does not take them. Its place is free when it has ended."""

    media_type = MEDIA_TYPE

    def __init__(self, frames: AsyncGenerator[bytes, None], stall: float, place: ExitStack):
        """`place` is left when the response ends, also when it never begins."""
        super().__init__(frames, headers={"X-Accel-Buffering": "no"})
        self._frames, self._stall, self._place = frames, stall, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles the request."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._stall):
                await send(message)

        with self._place:
            async with aclosing(self._frames):
                await self._send_all(scope, receive, send_in_time)

    async def _send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except TimeoutError as error:
            raise ClientDisconnect from error


def frames_of(events: Sequence[LoggedEvent]) -> str:
    """Events as they are sent, one after the other."""
    return "".join(frame(event) for event in events)


def frame(event: LoggedEvent) -> str:
    """An event as it is sent: resumable by its id."""
    data = asdict(event) | {"at": rfc3339(event.at)}
    return f"id: {event.id}\nevent: {event.what}\ndata: {json.dumps(data)}\n\n"
