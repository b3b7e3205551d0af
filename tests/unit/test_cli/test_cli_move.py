"""`hosted-ce db move`: all of a database, or nothing."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.store import move
from hosted_ce.store.arrivals import NewPilot
from hosted_ce.store.backend import backend_of
from hosted_ce.store.database import Database
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.tables import events, metadata, pilots
from hosted_ce.store.urls import with_driver
from tests.fakes.clock import Clock
from tests.fakes.postgresql import Server, needs_postgresql

from .conftest import Run

pytestmark = needs_postgresql
TEXT = 'naïve "quotes" \\x00 \U0001f600'


@pytest.fixture
def target(postgresql: Server) -> Iterator[str]:
    """The URL of an empty database."""
    made = postgresql.new_database(template=None)
    yield made
    postgresql.drop(made)


@pytest.fixture
def source(run: Run, folder: Path) -> Path:
    """A database with pilots; the newest one is gone again."""
    assert run("db", "upgrade").exit_code == 0
    file = folder / "state" / "hosted-ce.sqlite"
    asyncio.run(fill(f"sqlite:///{file}"))
    return file


async def fill(url: str) -> None:
    database = Database(url)
    store = PilotStore(database, now=Clock())
    for number in range(1, 1201):
        spec = {"attributes": {"z": TEXT, "a": [1, 2.5, None, True]}, "number": number}
        await store.add(NewPilot(spec, "rest", TEXT, "d", idempotency_key=f"k{number}"))
    gone = (sa.delete(events).where(events.c.pilot_id == 1200), sa.delete(pilots).where(pilots.c.id == 1200))
    for statement in gone:
        await database.write(lambda connection, statement=statement: connection.execute(statement))
    await database.close()


def rows(url: str) -> dict[str, list[str]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }


def test_everything_comes_over_and_ids_go_on(run: Run, source: Path, target: str) -> None:
    before = rows(f"sqlite:///{source}")
    result = run("db", "move", "--to", target)
    assert result.exit_code == 0, result.output
    assert "     1199  pilots\n" in result.stdout
    assert rows(target) == before
    assert not source.exists()
    assert rows(f"sqlite:///{source}.moved") == before
    engine = sa.create_engine(target, poolclass=sa.NullPool)
    with engine.begin() as connection:
        number = sa.text("SELECT nextval(pg_get_serial_sequence('pilots', 'id'))")
        found = connection.execute(number).scalar()
    assert found == 1201
    assert run("db", "status", env={"HOSTED_CE_DATABASE_URL": target}).exit_code == 0


def test_a_copy_that_differs_is_not_kept(
    run: Run, source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, seen = move._digest, list[str]()

    def digest(connection: sa.Connection, table: sa.Table) -> tuple[int, int]:
        seen.append(table.name)
        number, total = usual(connection, table)
        return (number, total + 1) if len(seen) == 2 else (number, total)

    monkeypatch.setattr(move, "_digest", digest)
    result = run("db", "move", "--to", target)
    assert result.exit_code == 1
    assert "is not the same in the copy; nothing was kept" in result.stderr
    assert source.exists()
    assert {name: found for name, found in rows(target).items() if found} == {}
    monkeypatch.undo()
    assert run("db", "move", "--to", target, env={"HOSTED_CE_STATE": str(source.parent)}).exit_code == 0


def test_it_refuses_while_the_ce_runs_and_a_target_in_use(run: Run, source: Path, target: str) -> None:
    with (source.parent / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run("db", "move", "--to", target)
    assert (result.exit_code, "another CE (process" in result.stderr) == (1, True)
    assert run("db", "upgrade", env={"HOSTED_CE_DATABASE_URL": target}).exit_code == 0
    engine = sa.create_engine(target, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO clusters (name) VALUES ('main')"))
    result = run("db", "move", "--to", target)
    assert (result.exit_code, "has something in its table clusters" in result.stderr) == (1, True)
    assert source.exists()


def test_with_the_settings_of_before_no_empty_database_is_made(run: Run, folder: Path) -> None:
    moved = folder / "state" / "hosted-ce.sqlite.moved"
    moved.parent.mkdir(mode=0o700)
    moved.touch(mode=0o600)
    result = run("db", "upgrade")
    assert result.exit_code == 2
    for named in ("HOSTED_CE_DATABASE_URL", str(moved)):
        assert named in result.stderr
    assert not moved.with_suffix("").exists()


def tables(url: str) -> set[str]:
    return set(sa.inspect(sa.create_engine(url, poolclass=sa.NullPool)).get_table_names())


def test_a_target_with_another_ones_tables_gets_none_of_ours(run: Run, source: Path, target: str) -> None:
    engine = sa.create_engine(target, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE wiki AS SELECT 1 AS page"))
    result = run("db", "move", "--to", target)
    assert (result.exit_code, "has something in its table wiki" in result.stderr) == (1, True)
    assert tables(target) == {"wiki"}
    assert source.exists()


@pytest.mark.parametrize("command", [["move", "--to"], ["upgrade"]])
def test_the_schema_of_a_ce_that_runs_stays_as_it_is(
    run: Run, source: Path, target: str, command: list[str]
) -> None:
    engine = backend_of(target).engine(with_driver(target), writer=True, sole=True)
    with engine.connect():
        if command[-1] == "--to":
            result = run("db", *command, target)
        else:
            result = run("db", *command, env={"HOSTED_CE_DATABASE_URL": target})
    engine.dispose()
    assert (result.exit_code, "another CE uses the database" in result.stderr) == (1, True), result.output
    assert tables(target) == set()
    assert source.exists()


@pytest.mark.parametrize(
    ("to", "code", "why"),
    [("rubbish", 2, "is no URL of a database"), ("sqlite:///x", 2, "only PostgreSQL"),
     ("postgresql://ce:hidden-word@127.0.0.1:1/x", 1, "cannot be used")],
)  # fmt: skip
def test_a_target_that_is_none_is_told(run: Run, source: Path, to: str, code: int, why: str) -> None:
    result = run("db", "move", "--to", to)
    assert result.exit_code == code
    assert why in result.stderr
    assert "hidden-word" not in result.output
    assert source.exists()
