"""Brings answers from the writer's thread to those who wait for them in an event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Landing:
    """A commit has many answers, and wakes the loop once: each wake-up is a system call, and hands Python's
    lock over in the midst of them.
    """

    def __init__(self) -> None:
        self._here: deque[tuple[Future[Any], asyncio.Future[Any]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def of(self, answer: Future[T]) -> T:
        """What is answered, or raised. Who stops waiting stops nothing else."""
        self._loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = self._loop.create_future()
        answer.add_done_callback(lambda done: self._here.append((done, waiting)))
        if answer.done():  # it may have been so before anybody listened
            self._settle()
        return await waiting

    def arrived(self) -> None:
        """Some are answered; from any thread, and after each of them."""
        if self._loop is not None and self._here:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        while self._here:
            answer, waiting = self._here.popleft()
            if waiting.done():  # nobody waits any more
                continue
            if error := answer.exception():
                waiting.set_exception(error)
            else:
                waiting.set_result(answer.result())
