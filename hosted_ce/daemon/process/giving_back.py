"""Free memory goes back to the kernel while the CE runs."""

from __future__ import annotations

import asyncio

from hosted_ce.malloc import give_back

EVERY_S = 60.0


async def keep_giving_back() -> None:
    """Runs for ever."""
    while True:
        await asyncio.sleep(EVERY_S)
        give_back()
