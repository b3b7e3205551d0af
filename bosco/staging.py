"""Gets input files to the site, each distinct content once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from bosco.link import Link
from bosco.replies import told_texts

Contents = Callable[[str], Awaitable[bytes]]
"""Gives the content of a SHA-256."""


REMEMBERED = 1000
"""Contents that are known to be there, those that were wanted last: most are wanted once, by their own pilot.
Of all others the site is asked again."""


class Stage:
    """What is known to be in the site's store, through one link. Several callers may want the same."""

    def __init__(self, link: Link, *, timeout: float):
        self.link = link
        self._timeout = timeout
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._there: OrderedDict[str, None] = OrderedDict()

    async def ensure(self, wanted: Iterable[str], contents: Contents) -> None:
        """Returns when all of `wanted` are at the site. Raises what the link or `contents` raises."""
        distinct = frozenset(wanted)
        for sha256 in distinct & self._there.keys():
            self._there.move_to_end(sha256)
        new = [sha256 for sha256 in distinct if sha256 not in self._there and sha256 not in self._under_way]
        if new:
            asking = asyncio.create_task(self._missing(new))
            for sha256 in new:
                task = asyncio.create_task(self._send(sha256, asking, contents))
                task.add_done_callback(partial(self._done, sha256))
                self._under_way[sha256] = task
        await _all([self._under_way[sha256] for sha256 in distinct if sha256 in self._under_way])

    def forget(self, gone: Iterable[str]) -> None:
        """These turned out not to be there any more."""
        for sha256 in gone:
            self._under_way.pop(sha256, None)
            self._there.pop(sha256, None)

    async def _missing(self, sha256: list[str]) -> set[str]:
        reply = await self.link.call("missing", {"sha256": sha256}, timeout=self._timeout)
        return set(told_texts(reply.header, "missing"))

    async def _send(self, sha256: str, asking: asyncio.Task[set[str]], contents: Contents) -> None:
        if sha256 in await asyncio.shield(asking):
            await self.link.call("put", {"sha256": sha256}, await contents(sha256), timeout=self._timeout)

    def _done(self, sha256: str, task: asyncio.Task[None]) -> None:
        """The next caller tries again what failed, even if nobody waited for it to the end."""
        failed = task.cancelled() or task.exception() is not None
        if self._under_way.get(sha256) is not task:  # it was told meanwhile that this is not there
            return
        del self._under_way[sha256]
        if not failed:
            self._remember(sha256)

    def _remember(self, sha256: str) -> None:
        self._there[sha256] = None
        if len(self._there) > REMEMBERED:
            self._there.popitem(last=False)


async def _all(tasks: list[asyncio.Task[None]]) -> None:
    """Waits for tasks that others wait for, too: they go on when we are cancelled. Raises as the first does.

    Not gathered behind shields: what fails behind one that was given up, Python 3.14 tells as an error.
    """
    if tasks:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for each in done:
            each.result()
