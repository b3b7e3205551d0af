"""Long work, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class InTurn:
    """Has one thread for all of it: those that readers of the database need stay theirs.

    What was not begun when its caller was cancelled is not done.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "in-turn")

    async def __call__(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
