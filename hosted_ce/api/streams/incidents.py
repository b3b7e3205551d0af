"""Server-sent events: outages that begin and that are over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from hosted_ce.api.schemas.incidents import incident_out
from hosted_ce.api.streams.bell import Bell
from hosted_ce.api.streams.events import RETRY_MS, Pace
from hosted_ce.store.incidents import Changed, IncidentStore


async def frames(
    store: IncidentStore, bell: Bell, heard: asyncio.Event, pace: Pace, *, after: int,
    now: Callable[[], float],
) -> AsyncGenerator[bytes, None]:  # fmt: skip
    """What changes behind this revision, until the CE ends; a comment when nothing does."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    while not bell.closed:
        heard.clear()
        for changed in await store.behind(after):
            after = changed.revision
            yield _frame(changed, now()).encode()
        try:
            async with asyncio.timeout(pace.heartbeat):
                await heard.wait()
        except TimeoutError:
            yield b": nothing new\n\n"
        else:
            await asyncio.sleep(0 if bell.closed else pace.pause)


def _frame(changed: Changed, now: float) -> str:
    word = "began" if changed.incident.ended_at is None else "over"
    data = incident_out(changed.incident, now).model_dump_json()
    return f"id: {changed.revision}\nevent: {word}\ndata: {data}\n\n"
