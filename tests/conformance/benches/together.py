"""A site that is asked for arrays: what is submitted at the same time goes together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from bosco.batch.model import BatchRequest
from bosco.errors import BoscoError
from bosco.staging import Contents
from bosco.together import Outcome
from hosted_ce.engine.ports import Site

Waiting = list[tuple[BatchRequest, "asyncio.Future[Outcome]"]]


class TogetherSite:
    """Everything as `site` does it, but for `submit`: also one alone is an array then."""

    def __init__(self, site: Site):
        self._site = site
        self._waiting: defaultdict[Hashable, Waiting] = defaultdict(list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._site, name)

    async def submit(self, request: BatchRequest, contents: Contents, *, mark: str | None = None) -> str:
        """With all others that are alike and wait for their turn."""
        key, mine = self._site.alike(request), asyncio.get_running_loop().create_future()
        self._waiting[key].append((request, mine))
        await asyncio.sleep(0)  # others that were asked for at the same time
        if waiting := self._waiting.pop(key, None):
            await self._send(waiting, contents, mark)
        answer: Outcome = await mine
        if isinstance(answer, BoscoError):
            raise answer
        return answer

    async def _send(self, waiting: Waiting, contents: Contents, mark: str | None) -> None:
        try:
            answers = await self._site.submit_together([one for one, _ in waiting], contents, mark=mark)
        except BoscoError as error:
            answers = dict.fromkeys((one.stamp for one, _ in waiting), error)
        for request, answer in waiting:
            answer.set_result(answers[request.stamp])


@asynccontextmanager
async def together(site: AbstractAsyncContextManager[Site]) -> AsyncIterator[Site]:
    """Such a site."""
    async with site as inner:
        yield TogetherSite(inner)  # type: ignore[misc] # all else by __getattr__
