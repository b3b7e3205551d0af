"""A database that goes away and comes back: nothing is lost, nothing is written twice, two never write."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from hosted_ce.store import postgresql
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.database import Database
from hosted_ce.store.errors import DatabaseAway, DatabaseClosed, DatabaseTaken, DatabaseWentBack
from hosted_ce.store.patience import in_a_hurry
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.tables import pilots
from tests.fakes.clock import Clock
from tests.fakes.postgresql import Server, needs_postgresql, running_server

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own, since it is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with running_server(listen_addresses="127.0.0.1", port=port) as made:
        yield made


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """A new database."""
    made = server.new_database()
    yield made
    server.drop(made)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """It, open for one alone."""
    opened = Database(url, sole=True)
    try:
        yield opened
    finally:
        await opened.close()


def new(number: int) -> NewPilot:
    return NewPilot(spec={}, door="rest", owner="o", digest=f"d{number}")


async def digests(database: Database) -> list[str]:
    select = sa.select(pilots.c.request_digest).order_by(pilots.c.id)
    return await database.read(lambda connection: list(connection.scalars(select)))


async def whether(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("kill", [False, True])
async def test_a_restart_in_the_middle_of_a_burst_loses_nothing(
    server: Server, database: Database, *, kill: bool
) -> None:
    store = PilotStore(database, now=Clock())

    told: list[bool | None] = []

    async def send(number: int) -> int:
        while True:
            try:
                pilot, _ = await store.add(new(number))
            except DatabaseAway as error:
                told.append(error.written)
                await asyncio.sleep(0.02)
            else:
                return pilot.id

    async def patient(number: int) -> int:
        return await send(number)

    async def hurried(number: int) -> int:
        with in_a_hurry():
            return await send(number)

    sending = [asyncio.create_task((hurried if n % 2 else patient)(n)) for n in range(600)]
    await whether(lambda: database.commits >= 1)
    server.stop(kill=kill)
    assert not all(task.done() for task in sending)
    server.start()
    ids = await asyncio.gather(*sending)
    assert set(told) <= {False}
    assert len(set(ids)) == 600
    assert sorted(await digests(database)) == sorted(f"d{n}" for n in range(600))


async def test_who_is_in_a_hurry_is_told_at_once_and_others_wait(server: Server, database: Database) -> None:
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    assert await digests(database) == ["d1"]
    server.stop()
    try:
        writing = asyncio.create_task(store.add(new(2)))
        reading = asyncio.create_task(digests(database))
        with in_a_hurry():
            began = time.monotonic()
            with pytest.raises(DatabaseAway, match="nothing was written"):
                await store.add(new(3))
            with pytest.raises(DatabaseAway):
                await digests(database)
            assert time.monotonic() - began < 60  # who waits, waits until it is back
        assert not writing.done()
        assert not reading.done()
    finally:
        server.start()
    assert (await writing)[1]
    await reading
    with in_a_hurry():
        await store.add(new(4))
    assert await digests(database) == ["d1", "d2", "d4"]


@contextlib.contextmanager
def cut_at_commit(database: Database, *, carried_out: bool) -> Iterator[list[bool]]:
    """The next commit's answer is lost with its connection, whether it was carried out or not."""
    dialect, cut = database._writing.dialect, list[bool]()
    usual = dialect.do_commit

    def commit(connection: Any) -> None:
        if cut:
            usual(connection)
            return
        if carried_out:
            usual(connection)
        cut.append(True)
        connection.dbapi_connection.close()
        raise psycopg.OperationalError("the connection is lost")

    dialect.do_commit = commit  # type: ignore[method-assign]
    try:
        yield cut
    finally:
        dialect.do_commit = usual  # type: ignore[method-assign]


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_commit_whose_answer_is_lost_is_asked_for(database: Database, *, carried_out: bool) -> None:
    store = PilotStore(database, now=Clock())
    with cut_at_commit(database, carried_out=carried_out) as cut:
        (first, _), (second, _) = await asyncio.gather(store.add(new(1)), store.add(new(2)))
    assert cut == [True]
    assert await digests(database) == ["d1", "d2"]
    assert {first.id, second.id} == {pilot.id for pilot in await store.get_many(range(100))}


async def test_a_second_writer_is_refused_and_the_first_goes_on(url: str, database: Database) -> None:
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    second = Database(url, sole=True)
    with pytest.raises(DatabaseTaken, match="another CE uses the database"):
        await PilotStore(second, now=Clock()).add(new(2))
    await second.close()
    await store.add(new(3))
    assert await digests(database) == ["d1", "d3"]


async def test_who_is_cut_off_takes_the_place_of_its_own_session(url: str, database: Database) -> None:
    """The server does not know yet that the network is cut: the old session still holds the lock."""
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    pooled = database._writing.raw_connection()
    session: Any = pooled.driver_connection
    pooled.detach()
    await store.add(new(2))
    assert await digests(database) == ["d1", "d2"]
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")


async def test_who_lost_the_database_to_another_writes_nothing_more(
    server: Server, url: str, database: Database
) -> None:
    told: list[BaseException] = []
    database.when_given_up(told.append)
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    server.stop()
    waiting = asyncio.create_task(store.add(new(2)))
    await asyncio.sleep(0)
    other = Database(url, sole=True)
    server.start()
    theirs = asyncio.create_task(PilotStore(other, now=Clock()).add(new(3)))
    async with asyncio.timeout(30):
        results = await asyncio.gather(waiting, theirs, return_exceptions=True)
    assert [isinstance(result, DatabaseTaken) for result in results].count(True) == 1
    if told:
        with pytest.raises(DatabaseTaken):
            await store.add(new(4))
    await other.close()


async def test_closing_does_not_wait_for_a_database_that_is_away(server: Server, url: str) -> None:
    database = Database(url, sole=True)
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    server.stop()
    try:
        writing = asyncio.create_task(store.add(new(2)))
        await whether(lambda: database._writer.away)
        await database.close()
        with pytest.raises(DatabaseClosed):
            await writing
    finally:
        server.start()


async def test_a_server_that_has_forgotten_a_commit_is_not_gone_on_from(
    server: Server, database: Database
) -> None:
    """As a standby that was behind, or a restored backup: here a copy of the server's data of before."""
    told: list[BaseException] = []
    database.when_given_up(told.append)
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    server.stop()
    server.keep()
    server.start()
    await store.add(new(2))
    server.stop(kill=True)
    server.go_back()
    server.start()
    for number in (3, 4):
        with pytest.raises(DatabaseWentBack, match="went back in time: it had committed transaction"):
            await store.add(new(number))
    assert [type(error) for error in told] == [DatabaseWentBack]
    assert await digests(database) == ["d1"]


async def test_a_standby_that_answers_is_waited_past(server: Server, database: Database) -> None:
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    server.stop()
    server.be_standby(standby=True)
    server.start()
    writing = asyncio.create_task(store.add(new(2)))
    await whether(lambda: "standby" in str(database._writer.away))
    assert not writing.done()
    server.stop()
    server.be_standby(standby=False)
    server.start()
    await writing
    assert await digests(database) == ["d1", "d2"]


async def test_a_commit_that_never_came_to_the_server_is_done_again(database: Database) -> None:
    await database.claim()
    asked = await database.read(lambda connection: database._backend.committed(connection, "1000000000"))
    assert asked is False


async def test_our_own_session_that_does_not_end_yet_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "ENDS_WITHIN_MS", 50)
    store = PilotStore(database, now=Clock())
    await store.add(new(1))
    pooled = database._writing.raw_connection()
    session: Any = pooled.driver_connection
    pooled.detach()
    os.kill(session.info.backend_pid, signal.SIGSTOP)
    try:
        writing = asyncio.create_task(store.add(new(2)))
        await whether(lambda: database._writer.away or writing.done())
        assert not writing.done()
    finally:
        os.kill(session.info.backend_pid, signal.SIGCONT)
    await writing
    session.close()
    assert await digests(database) == ["d1", "d2"]


async def test_the_server_finds_out_by_itself_that_a_machine_is_dead(url: str) -> None:
    """Otherwise it holds the lock for two hours, and no other machine can take the CE over."""
    database = Database(str(sa.make_url(url).update_query_dict({"host": "127.0.0.1"})), sole=True)
    names = ("idle", "interval", "count")
    try:
        found = await database.write(
            lambda connection: [
                *(connection.scalar(sa.text(f"SHOW tcp_keepalives_{name}")) for name in names),
                connection.scalar(sa.text("SHOW tcp_user_timeout")),
            ]
        )
    finally:
        await database.close()
    assert found == ["20", "5", "3", "30000"]


async def test_readers_that_are_all_held_are_waited_for(database: Database) -> None:
    database._reading.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [database._reading.connect() for _ in range(postgresql.READERS)]
    with in_a_hurry(), pytest.raises(DatabaseAway):
        await digests(database)
    reading = asyncio.create_task(digests(database))
    await asyncio.sleep(0.2)
    assert not reading.done()
    for connection in held:
        connection.close()
    assert await reading == []
