"""The database: one writer with group commit, and readers beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from hosted_ce.store.backend import backend_of
from hosted_ce.store.errors import DatabaseAway, DatabaseClosed
from hosted_ce.store.landing import Landing
from hosted_ce.store.patience import hurried, in_a_hurry
from hosted_ce.store.urls import lasting
from hosted_ce.store.writer import Joint, Work, Writer

A = TypeVar("A")
T = TypeVar("T")
PAUSE_S = 0.5
__all__ = ["Database", "DatabaseAway", "DatabaseClosed"]


class Database:
    """Opens `url`. `write` and `read` take functions of a connection; close it when done.

    `sole`: no other process may be one at the same time. Every write is refused with DatabaseTaken while
    there is one, and from when there was one for good. On SQLite the lock of the state folder does that.
    One that has lost what it had committed is refused with DatabaseWentBack, for good as well.
    """

    def __init__(self, url: str, *, sole: bool = False):
        self.url = url
        self._backend, parsed = backend_of(url), lasting(url)
        self._writing = self._backend.engine(parsed, writer=True, sole=sole)
        self._reading = self._backend.engine(parsed, writer=False, sole=False)
        self._closed = False
        self.observe: Callable[[str, float], None] = lambda operation, seconds: None
        """Is told how many seconds each "read" and "write" took."""
        self._writer = Writer(self._writing, self._backend)
        self._landing = Landing()
        self._writer.answered = self._landing.arrived

    @property
    def commits(self) -> int:
        """How many there were."""
        return self._writer.commits

    def when_given_up(self, tell: Callable[[BaseException], None]) -> None:
        """Has `tell` called, in another thread, once nothing can be written and the process has to end."""
        self._writer.given_up = tell

    async def claim(self) -> None:
        """Sees whether it can be written to. Raises DatabaseAway, DatabaseTaken, or the database's error."""
        with in_a_hurry():
            await self.write(lambda connection: None)

    async def write(self, work: Work[T], *, weight: int = 1) -> T:
        """Runs `work` in a transaction; returns when it is committed. It may run again after a roll-back.

        `weight` is how many works of the usual size it is like: so much less shares its transaction.

        What `work` raises rolls back `work` alone. It is carried out even if the caller is cancelled: an
        outcome that was learnt is not lost. While the database is away it waits, or raises DatabaseAway if
        the caller is in a hurry (hosted_ce.store.patience).
        """
        self._refuse()
        return await self._written(self._writer.put(work, hurried=hurried(), weight=weight))

    async def write_jointly(self, work: Joint[A, T], given: A) -> T:
        """The same with a work that is done at once for all that is given to it meanwhile.

        What it raises is of all of them: then it is run for each alone.
        """
        self._refuse()
        return await self._written(self._writer.put_joint(work, given, hurried=hurried()))

    async def read(self, work: Work[T]) -> T:
        """Runs `work` on a read-only connection in a thread; it may run again. Waits as `write` does."""
        began, tries = time.monotonic(), 0
        while True:
            self._refuse_hurried()  # each try to connect may take seconds, and a thread
            try:
                answer = await asyncio.to_thread(self._read, work)
            except Exception as error:
                if not (isinstance(error, DatabaseAway) or self._backend.lost(error)):
                    raise
                tries += 1
                await self._wait(error, tries)
            else:
                self.observe("read", time.monotonic() - began)
                return answer

    async def close(self) -> None:
        """Writes what is queued, then closes. A read under way goes on, and its connection is closed then."""
        self._closed = True
        await asyncio.to_thread(self._writer.finish)
        self._writing.dispose()
        self._reading.dispose()

    def _refuse(self) -> None:
        if self._closed:
            raise DatabaseClosed
        self._refuse_hurried()

    async def _written(self, done: Future[T]) -> T:
        began = time.monotonic()
        answer = await self._landing.of(done)
        self.observe("write", time.monotonic() - began)
        return answer

    def _refuse_hurried(self) -> None:
        away = self._writer.away
        if away is not None and hurried():
            raise DatabaseAway(away)

    def _read(self, work: Work[T]) -> T:
        pool = self._reading.pool
        try:
            return self._read_in_turn(work)
        finally:
            if self._closed:
                pool.dispose()  # the connection came back to a pool that nobody has any more

    def _read_in_turn(self, work: Work[T]) -> T:
        try:
            connection = self._reading.connect()
        except Exception as error:
            if self._backend.lost(error, connecting=True):
                raise DatabaseAway(error) from error
            raise
        with connection:
            return work(connection)

    async def _wait(self, error: Exception, tries: int) -> None:
        """A connection of before a restart tells that it is gone when it is used next: hence a second try."""
        if tries == 1:
            return
        if self._closed:
            raise DatabaseClosed from error
        if hurried():
            raise error if isinstance(error, DatabaseAway) else DatabaseAway(error)
        await asyncio.sleep(PAUSE_S)
