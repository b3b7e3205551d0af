"""The one thread that writes: group commit, each work whole and alone in its failure, through losses of the
connection as well.

One commit for all that waits is an order of magnitude faster than one for each; and so are statements.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from hosted_ce.store.backend import Backend
from hosted_ce.store.errors import DatabaseAway, DatabaseClosed, WritesNoMore

log = structlog.get_logger(__name__)
T = TypeVar("T")
A = TypeVar("A")
Work = Callable[[sa.Connection], T]
Joint = Callable[[sa.Connection, Sequence[A]], Sequence[T]]
"""Does for each of these, in their order, what it would do for it alone, with fewer statements.

Joint works of several kinds change places: what one of them does must not depend on what another has done.
"""
GROUP_MAX = 256
"""A commit takes no further work once those in it weigh so much: what comes behind does not wait for all."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
SETTLED_S = 30.0
"""How long who is in a hurry waits to be told whether a commit that was cut off was carried out."""


@dataclass(slots=True)
class Item:
    """What a work is given, and who waits for it."""

    work: Joint[Any, Any]
    given: Any
    done: Future[Any]
    hurried: bool
    weight: int = 1
    """As how many it counts in its group."""
    value: Any = None
    problem: BaseException | None = None

    def settle(self) -> None:
        """Tells what became of it, which is committed by now."""
        if self.problem is None:
            self.done.set_result(self.value)
        else:
            self.done.set_exception(self.problem)


class Writer:
    """Carries out works in the order in which they are put."""

    def __init__(self, engine: sa.Engine, backend: Backend):
        self._engine, self._backend = engine, backend
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._backlog: deque[Item] = deque()
        self._closing = threading.Event()
        self._no_more = False
        self.commits = 0
        self.away: BaseException | None = None
        """Why the database does not answer; None: it does, as far as is known."""
        self.given_up: Callable[[BaseException], None] = lambda error: None
        """Is told, in the writer's thread, why nothing can be written any more: the process has to end."""
        self.answered: Callable[[], None] = lambda: None
        """Is told, in the writer's thread, each time that works were answered."""
        self._thread = threading.Thread(target=self._write_all, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, work: Work[T], *, hurried: bool, weight: int = 1) -> Future[T]:
        """Queues a work."""
        return self.put_joint(_each, work, hurried=hurried, weight=weight)

    def put_joint(self, work: Joint[A, T], given: A, *, hurried: bool, weight: int = 1) -> Future[T]:
        """Queues what is done together with what else there is for the same work."""
        done: Future[T] = Future()
        self._queue.put(Item(work, given, done, hurried, weight))
        return done

    def finish(self) -> None:
        """Writes what is queued, and ends; a database that is away is not waited for."""
        if not self._closing.is_set():
            self._closing.set()
            self._queue.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        """Whatever ends it is told to everyone who waits or comes later: nobody waits for a dead thread."""
        group: list[Item] = []
        try:
            while group := self._group():
                self._commit(group)
                group = []  # this thread may wait for long now, and what was written may be large
        except BaseException as error:
            log.error("nothing more is written to the database", why=told(error))
            self._fail(group, error)
            self._refuse_all(error)

    def _group(self) -> list[Item]:
        """What waits, at least one work; empty: there will be none."""
        group, weight = list[Item](), 0
        while weight < GROUP_MAX and (item := self._next(wait=not group)):
            group.append(item)
            weight += item.weight
        return group

    def _next(self, *, wait: bool) -> Item | None:
        if self._backlog:
            return self._backlog.popleft()
        with contextlib.suppress(queue.Empty):
            if not self._no_more:
                self._add(self._queue.get(block=wait), self._backlog)
        return self._backlog.popleft() if self._backlog else None

    def _add(self, item: Item | None, group: deque[Item]) -> None:
        if item is None:
            self._no_more = True
        else:
            group.append(item)

    def _commit(self, group: list[Item]) -> None:
        """All in one transaction. If one of them fails, each again in a savepoint, so that it fails alone.

        Raises what makes it impossible to go on.
        """
        while group:
            try:
                try:
                    self._together(group, self._plain)
                except _WorkFailed:
                    self._together(group, self._in_savepoints)
            except _Lost as loss:
                group = self._after(loss, group)
            except WritesNoMore:
                raise
            except BaseException as error:
                self._fail(group, error)
                return
            else:
                self.away = None
                self._settle(group)
                return

    def _together(self, group: list[Item], run: Callable[[sa.Connection, list[Item]], None]) -> None:
        with self._connected() as connection:
            mark = None
            try:
                with connection.begin():
                    run(connection, group)
                    mark = self._backend.mark(connection)
            except _WorkFailed:
                raise
            except Exception as error:
                if connection.invalidated or self._backend.lost(error):
                    raise _Lost(error, mark) from error
                raise
        self._committed(mark)

    def _committed(self, mark: str | None) -> None:
        self.commits += 1
        if mark is not None:
            self._backend.confirmed(mark)

    @contextlib.contextmanager
    def _connected(self) -> Any:
        try:
            connection = self._engine.connect()
        except Exception as error:
            if self._backend.lost(error, connecting=True):
                raise _Lost(error, None) from error
            raise
        with connection:
            yield connection

    def _plain(self, connection: sa.Connection, group: list[Item]) -> None:
        try:
            for alike in _alike(group):
                _done(connection, alike[0].work, alike)
        except Exception as error:
            if self._backend.lost(error):
                raise
            raise _WorkFailed from error

    def _in_savepoints(self, connection: sa.Connection, group: list[Item]) -> None:
        for item in group:
            self._in_savepoint(connection, item)

    def _in_savepoint(self, connection: sa.Connection, item: Item) -> None:
        """Raises what ended the whole transaction; what ended this work alone is its problem."""
        savepoint = connection.begin_nested()
        try:
            _done(connection, item.work, [item])
        except Exception as error:
            if self._backend.lost(error):
                raise
            try:
                savepoint.rollback()
            except sa.exc.DBAPIError:
                # With its disk full, SQLite has given up the transaction: nobody's work is written.
                raise error from None
            item.value, item.problem = None, error
        else:
            savepoint.commit()

    def _after(self, loss: _Lost, group: list[Item]) -> list[Item]:
        """Waits until the database answers; returns what of the group is to be done again."""
        log.warning("the database does not answer", why=told(loss.why))
        self.away, since, pause = loss.why, time.monotonic(), FIRST_PAUSE_S
        written: bool | None = False if loss.mark is None else None
        while True:
            waited = time.monotonic() - since
            if written is False or waited > SETTLED_S:
                group = self._dismiss(group, loss.why, written)
            self._dismiss_queued(loss.why)
            if self._closing.is_set() and waited > FIRST_PAUSE_S:
                self._fail(group, DatabaseClosed())
                return []
            self._closing.wait(pause)
            pause = min(LONGEST_PAUSE_S, 2 * pause)
            try:
                written = self._asked(loss.mark)
            except _Lost as again:
                self.away = again.why
                continue
            if written is None:
                continue
            self.away = None
            log.warning("the database answers again", away_s=round(time.monotonic() - since, 1))
            if not written:
                return group
            self._committed(loss.mark)
            self._settle(group)
            return []

    def _asked(self, mark: str | None) -> bool | None:
        """Whether what was cut off was carried out; None: not decided yet. Raises _Lost while it is away."""
        with self._connected() as connection:
            try:
                return self._backend.committed(connection, mark) if mark else False
            except Exception as error:
                if connection.invalidated or self._backend.lost(error):
                    raise _Lost(error, None) from error
                raise

    def _dismiss(self, group: list[Item], why: BaseException, written: bool | None) -> list[Item]:
        self._fail([item for item in group if item.hurried], DatabaseAway(why, written=written))
        return [item for item in group if not item.hurried]

    def _dismiss_queued(self, why: BaseException) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._add(self._queue.get_nowait(), self._backlog)
        self._backlog = deque(self._dismiss(list(self._backlog), why, False))

    def _refuse_all(self, error: BaseException) -> None:
        self.away = error
        self.given_up(error)
        while True:
            self._fail(list(self._backlog), error)
            self._backlog.clear()
            if self._no_more:
                return
            self._add(self._queue.get(), self._backlog)

    def _settle(self, group: list[Item]) -> None:
        for item in group:
            item.settle()
        self.answered()

    def _fail(self, group: list[Item], error: BaseException) -> None:
        for item in group:
            if not item.done.done():
                item.done.set_exception(error)
        self.answered()


def _each(connection: sa.Connection, works: Sequence[Work[Any]]) -> list[Any]:
    return [work(connection) for work in works]


def _alike(group: Sequence[Item]) -> Iterator[list[Item]]:
    """In their order, except that joint works of several kinds change places up to the next that is none."""
    joint: dict[Joint[Any, Any], list[Item]] = {}
    for item in group:
        if item.work is not _each:
            joint.setdefault(item.work, []).append(item)
            continue
        yield from joint.values()
        joint = {}
        yield [item]
    yield from joint.values()


def _done(connection: sa.Connection, work: Joint[Any, Any], items: Sequence[Item]) -> None:
    values = work(connection, [item.given for item in items])
    for item, value in zip(items, values, strict=True):
        item.value, item.problem = value, None


def told(error: BaseException) -> str:
    """What the database or its driver says, without the statement and what was written by it."""
    return str(getattr(error, "orig", None) or error)


class _WorkFailed(Exception):
    """A work of the group failed, so that nothing was committed.

    Told apart from a commit that failed: after that nobody knows, and no work may run again.
    """


class _Lost(Exception):
    """The connection is gone. `mark` names the transaction if it was being committed."""

    def __init__(self, why: BaseException, mark: str | None):
        super().__init__(str(why))
        self.why, self.mark = why, mark
