"""A stream that says `changed` whenever the bell rings: for pages that show more than pilots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from hosted_ce.api.streams.bell import Bell
from hosted_ce.api.streams.events import RETRY_MS, Pace

CHANGED = b"event: changed\ndata: now\n\n"


async def rings(
    bell: Bell, heard: asyncio.Event, pace: Pace, allowed: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    """Its frames, until the CE ends, or the client may not hear more. `heard` is its ear at the bell."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    while not bell.closed and allowed():
        heard.clear()
        try:
            async with asyncio.timeout(pace.heartbeat):
                await heard.wait()
        except TimeoutError:
            yield b": nothing new\n\n"
            continue
        if not bell.closed:
            yield CHANGED
            await asyncio.sleep(pace.pause)
