"""The writer: one thread, many writes in a commit, each of them whole and alone in its failure."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from hosted_ce.store.database import Database, DatabaseClosed
from hosted_ce.store.tables import events, pilots
from tests.fakes.postgresql import ON_SQLITE

STATE = {"what": "test", "actor": "test", "state": "idle", "data": {}}


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A database that holds one pilot, for events to belong to."""
    opened = Database(url)
    await opened.write(insert_pilot)
    try:
        yield opened
    finally:
        await opened.close()


def insert_pilot(connection: sa.Connection) -> None:
    texts = dict.fromkeys(("state", "stage", "goal", "door", "owner", "request_digest"), "test")
    numbers = dict.fromkeys(("version", "attempt", "created_at", "changed_at", "next_attempt_at"), 0)
    connection.execute(sa.insert(pilots).values(id=1, spec={}, **texts, **numbers))


def insert(connection: sa.Connection, number: float, reason: str = "") -> float:
    connection.execute(sa.insert(events).values(pilot_id=1, at=number, reason=reason, **STATE))
    return number


def numbers(connection: sa.Connection) -> list[float]:
    return list(connection.execute(sa.select(events.c.at).order_by(events.c.id)).scalars())


@contextlib.asynccontextmanager
async def busy(database: Database) -> AsyncIterator[None]:
    """The writer is at something while the block runs, so that all writes of the block are one group."""
    began, go = threading.Event(), threading.Event()

    def wait(connection: sa.Connection) -> None:
        began.set()
        assert go.wait(30)

    waiting = asyncio.create_task(database.write(wait))
    await asyncio.to_thread(began.wait, 30)
    try:
        yield
        await asyncio.sleep(0)
    finally:
        go.set()
        await waiting


async def test_a_write_returns_what_its_work_returns_and_is_read_at_once(database: Database) -> None:
    assert await database.write(lambda connection: insert(connection, 7.0)) == 7.0
    assert await database.read(numbers) == [7.0]


async def test_many_writes_take_few_commits_and_keep_their_order(database: Database) -> None:
    before = database.commits
    async with busy(database):
        writes = [
            asyncio.create_task(database.write(lambda connection, n=n: insert(connection, n)))
            for n in range(200)
        ]
    assert await asyncio.gather(*writes) == list(range(200))
    assert await database.read(numbers) == list(range(200))
    assert database.commits - before == 2  # the one that kept the writer busy, and the group


async def test_a_work_that_fails_is_rolled_back_alone(database: Database) -> None:
    def fails(connection: sa.Connection) -> None:
        insert(connection, 99)
        raise RuntimeError("half way")

    async with busy(database):
        good = [
            asyncio.create_task(database.write(lambda connection, n=n: insert(connection, n)))
            for n in range(3)
        ]
        bad = asyncio.create_task(database.write(fails))
        later = asyncio.create_task(database.write(lambda connection: insert(connection, 3)))
    with pytest.raises(RuntimeError, match="half way"):
        await bad
    assert await asyncio.gather(*good, later) == [0, 1, 2, 3]
    assert await database.read(numbers) == [0, 1, 2, 3]


async def test_a_constraint_fails_one_write_and_not_its_group(database: Database) -> None:
    async with busy(database):
        bad = asyncio.create_task(database.write(insert_pilot))
        good = asyncio.create_task(database.write(lambda connection: insert(connection, 1)))
    with pytest.raises(sa.exc.IntegrityError):
        await bad
    assert await good == 1
    assert await database.read(numbers) == [1]


@ON_SQLITE
async def test_with_the_disk_full_nobody_is_told_that_it_was_written(database: Database) -> None:
    def little_room(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")

    await database.write(little_room)
    async with busy(database):
        writes = [
            asyncio.create_task(
                database.write(lambda connection, n=n: insert(connection, n, "x" * (1_000_000 * (n == 2))))
            )
            for n in range(5)
        ]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(answer, sa.exc.OperationalError) for answer in answers)
    assert all("full" in str(answer) for answer in answers)
    assert await database.read(numbers) == []
    assert await database.write(lambda connection: insert(connection, 5)) == 5  # it goes on
    assert await database.read(numbers) == [5]


async def test_a_commit_that_failed_is_not_tried_again(database: Database) -> None:
    ran: list[float] = []

    def fails(connection: sa.Connection) -> None:
        raise OSError("the answer to COMMIT was lost")

    sa.event.listen(sa.Engine, "commit", fails)
    try:
        with pytest.raises(OSError, match="the answer to COMMIT was lost"):
            await database.write(lambda connection: ran.append(insert(connection, 1)))
    finally:
        sa.event.remove(sa.Engine, "commit", fails)
    assert ran == [1]  # it may have been committed all the same


async def test_a_caller_that_is_cancelled_loses_no_outcome(database: Database) -> None:
    async with busy(database):
        write = asyncio.create_task(database.write(lambda connection: insert(connection, 1)))
        await asyncio.sleep(0)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
    await database.write(lambda connection: None)  # what was queued before it is committed by now
    assert await database.read(numbers) == [1]


async def test_closing_writes_what_is_queued_and_takes_nothing_more(url: str) -> None:
    database = Database(url)
    await database.write(insert_pilot)
    async with busy(database):
        writes = [
            asyncio.create_task(database.write(lambda connection, n=n: insert(connection, n)))
            for n in range(50)
        ]
        await asyncio.sleep(0)
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        with pytest.raises(DatabaseClosed):
            await database.write(numbers)
    await closing
    await asyncio.gather(*writes)
    await database.close()  # twice is no error
    again = Database(url)
    assert await again.read(numbers) == list(range(50))
    await again.close()


async def test_a_connection_that_reads_while_it_is_closed_is_closed_after_that(url: str) -> None:
    """A read that was cancelled goes on in its thread."""
    database = Database(url)
    began, go, read = threading.Event(), threading.Event(), list[Any]()

    def slowly(connection: sa.Connection) -> None:
        read.append(connection.connection.driver_connection)
        began.set()
        assert go.wait(30)

    reading = asyncio.create_task(database.read(slowly))
    await asyncio.to_thread(began.wait, 30)
    reading.cancel()
    await asyncio.wait({reading})
    await database.close()
    go.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        read[0].execute("SELECT 1")


async def test_a_write_sees_what_an_earlier_one_wrote(database: Database) -> None:
    def add_one(connection: sa.Connection) -> int:
        number = len(numbers(connection))
        insert(connection, number)
        return number

    found = await asyncio.gather(*(database.write(add_one) for _ in range(100)))
    assert sorted(found) == list(range(100))


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
        await database.read(lambda connection: insert(connection, 1))


async def test_a_reader_is_not_kept_waiting_by_a_write(database: Database) -> None:
    async with busy(database):
        assert await database.read(numbers) == []


async def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(
            lambda connection: connection.execute(sa.insert(events).values(pilot_id=2, at=0, **STATE))
        )


PROGRAM = '''
import asyncio, sys
import sqlalchemy as sa
from hosted_ce.store.database import Database
from hosted_ce.store.tables import events

STATE = {"what": "test", "actor": "test", "state": "idle", "data": {}}

def pair(number):
    """Two rows in one work: both are there afterwards, or none."""
    def work(connection):
        for part in ("a", "b"):
            connection.execute(sa.insert(events).values(pilot_id=1, at=number, reason=part, **STATE))
        return number
    return work

async def main(url):
    database = Database(url)
    number = 0
    while True:
        for done in await asyncio.gather(*(database.write(pair(number + n)) for n in range(20))):
            print(done, flush=True)
        number += 20

asyncio.run(main(sys.argv[1]))
'''


async def test_a_process_that_is_killed_leaves_whole_writes_and_all_that_it_told(url: str) -> None:
    database = Database(url)
    await database.write(insert_pilot)
    await database.close()
    with subprocess.Popen([sys.executable, "-c", PROGRAM, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = [int(process.stdout.readline()) for _ in range(150)]
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        assert process.wait() == -signal.SIGKILL
    again = Database(url)
    select = sa.select(events.c.at, events.c.reason).order_by(events.c.id)
    rows = await again.read(lambda connection: [tuple(row) for row in connection.execute(select)])
    await again.close()
    written = [number for number, part in rows if part == "a"]
    assert rows == [(number, part) for number in written for part in ("a", "b")]
    assert set(told) <= set(written)


@ON_SQLITE
async def test_the_state_is_kept_in_one_file(url: str, folder: Path, database: Database) -> None:
    await database.write(lambda connection: insert(connection, 1))
    await database.close()
    assert [path.name for path in folder.iterdir()] == ["hosted-ce.sqlite"]
