"""A process that dies at its n-th await: every task of it runs no further than that."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Generator, Iterator
from typing import Any


class Mortal:
    """Counts each resumption of each task; from the one with this number on, nothing of it runs any more."""

    def __init__(self, dies_at: int):
        self.awaits = 0
        self.died = asyncio.Event()
        self._dies_at = dies_at

    @contextlib.contextmanager
    def living(self) -> Iterator[None]:
        """Tasks that are made in the block are of this process."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda of, coro, **named: asyncio.Task(_Life(self, coro), loop=of, **named))
        try:
            yield
        finally:
            loop.set_task_factory(None)

    def resume(self) -> bool:
        """Whether a task may run on."""
        self.awaits += 1
        if self.awaits >= self._dies_at:
            self.died.set()
        return not self.died.is_set()


class _Life(Coroutine[Any, Any, Any]):
    """A coroutine that runs on only while its process lives, and when it is cleared away afterwards."""

    def __init__(self, process: Mortal, inner: Coroutine[Any, Any, Any]):
        self._process, self._inner = process, inner
        self._buried = False
        self._grave: Generator[Any, None, Any] | None = None

    def send(self, value: Any) -> Any:
        if self._buried or self._process.resume():
            return self._inner.send(value)
        self._grave = self._grave or asyncio.get_running_loop().create_future().__await__()
        return next(self._grave)

    def throw(self, *error: Any) -> Any:
        self._buried = self._process.died.is_set()
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise TypeError("a task of its own")
