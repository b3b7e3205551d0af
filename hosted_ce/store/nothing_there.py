"""Which questions had an empty answer: the answer is the same as long as nothing is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

T = TypeVar("T")

LONGEST_S = 30.0
"""After which the database is asked whatever was committed: somebody else may have written to it."""
MOST = 64


class NothingThere:
    """Saves an idle CE most of its reads: docs/decisions/0087-an-empty-answer-holds-until-a-write.md.

    `commits` tells how often this process has written so far. It is to be counted before whoever wrote is
    told: then they read what they have written.
    """

    def __init__(self, commits: Callable[[], int], now: Callable[[], float]):
        self._commits, self._now = commits, now
        self._at = 0
        self._since: dict[Hashable, float] = {}

    async def ask(self, question: Hashable, read: Callable[[], Awaitable[list[T]]]) -> list[T]:
        """What `read` gives. It is not called if its last answer to the question was empty, and is still."""
        commits = self._commits()
        if commits != self._at or len(self._since) >= MOST:
            self._since.clear()
            self._at = commits
        since = self._since.get(question)
        if since is not None and 0 <= self._now() - since < LONGEST_S:
            return []
        asked_at = self._now()
        found = await read()
        if not found and self._commits() == commits:
            self._since[question] = asked_at
        return found
