"""Gets input files to the site, each distinct content once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from bosco.link import Link
from bosco.replies import told_texts

Contents = Callable[[str], Awaitable[bytes]]
"""Gives the content of a SHA-256."""


class Stage:
    """What is known to be in the site's store, through one link. Several callers may want the same."""

    def __init__(self, link: Link, *, timeout: float):
        self.link = link
        self._timeout = timeout
        self._sent: dict[str, asyncio.Task[None]] = {}

    async def ensure(self, wanted: Iterable[str], contents: Contents) -> None:
        """Returns when all of `wanted` are at the site. Raises what the link or `contents` raises."""
        distinct = frozenset(wanted)
        new = [sha256 for sha256 in distinct if sha256 not in self._sent]
        if new:
            asking = asyncio.create_task(self._missing(new))
            for sha256 in new:
                task = asyncio.create_task(self._send(sha256, asking, contents))
                task.add_done_callback(partial(self._done, sha256))
                self._sent[sha256] = task
        # Shielded: one caller's cancellation must not fail the others.
        await asyncio.gather(*(asyncio.shield(self._sent[sha256]) for sha256 in distinct))

    def forget(self, gone: Iterable[str]) -> None:
        """These turned out not to be there any more."""
        for sha256 in gone:
            self._sent.pop(sha256, None)

    async def _missing(self, sha256: list[str]) -> set[str]:
        reply = await self.link.call("missing", {"sha256": sha256}, timeout=self._timeout)
        return set(told_texts(reply.header, "missing"))

    async def _send(self, sha256: str, asking: asyncio.Task[set[str]], contents: Contents) -> None:
        if sha256 in await asyncio.shield(asking):
            await self.link.call("put", {"sha256": sha256}, await contents(sha256), timeout=self._timeout)

    def _done(self, sha256: str, task: asyncio.Task[None]) -> None:
        """The next caller tries again what failed, even if nobody waited for it to the end."""
        failed = task.cancelled() or task.exception() is not None
        if failed and self._sent.get(sha256) is task:
            del self._sent[sha256]
