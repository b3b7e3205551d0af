"""Migrations: from nothing to the schema that the program uses, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from hosted_ce.store.migrate import alembic_config, revisions, scripts_folder, upgrade
from hosted_ce.store.tables import metadata
from tests.fakes.postgresql import BOTH, Server

ON_SQLITE = pytest.mark.parametrize("empty", ["sqlite"], indirect=True)


class CutShort(Exception):
    """What a kill does to a migration, as far as the database goes."""


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a database without anything in it, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'new.sqlite'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    made = server.new_database(template=None)
    yield made
    server.drop(made)


def run(connection: sa.Connection, statement: str, values: tuple[object, ...] = ()) -> None:
    """Runs a statement with a question mark for each value."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(statement.replace("?", mark), values)


def tables(url: str) -> set[str]:
    engine = sa.create_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


async def test_an_empty_database_gets_the_schema_that_the_program_uses(empty: str) -> None:
    await upgrade(empty)
    assert tables(empty) == {*metadata.tables, "alembic_version"}
    engine = sa.create_engine(empty)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
    finally:
        engine.dispose()


@ON_SQLITE
async def test_an_upgrade_of_what_is_current_changes_nothing(empty: str) -> None:
    await upgrade(empty)
    before = Path(empty.removeprefix("sqlite:///")).read_bytes()
    await upgrade(empty)
    assert Path(empty.removeprefix("sqlite:///")).read_bytes() == before


async def test_the_database_s_revision_and_the_program_s_are_told(empty: str) -> None:
    assert revisions(empty)[0] is None
    await upgrade(empty)
    current, needed = revisions(empty)
    assert current == needed is not None


async def test_every_step_can_be_undone(empty: str) -> None:
    await upgrade(empty)
    command.downgrade(alembic_config(empty), "base")
    assert tables(empty) == {"alembic_version"}
    await upgrade(empty)
    assert tables(empty) == {*metadata.tables, "alembic_version"}


@ON_SQLITE
async def test_an_upgrade_that_was_cut_short_anywhere_has_changed_nothing(empty: str) -> None:
    """All steps are one transaction: a CE that is started after a kill finds a database of a version."""
    command.upgrade(alembic_config(empty), "0005")
    statement = 0

    def fail(*_: object) -> None:
        nonlocal statement
        statement += 1
        if statement == at:
            raise CutShort

    at, done = 1, False
    while not done:
        statement = 0
        sa.event.listen(sa.Engine, "before_cursor_execute", fail)
        try:
            command.upgrade(alembic_config(empty), "head")
            done = True
        except CutShort:
            assert revisions(empty)[0] == "0005"
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", fail)
        at += 1
    assert at > 20
    assert revisions(empty)[0] == revisions(empty)[1]


@ON_SQLITE
async def test_ids_are_never_given_again_in_a_migrated_database_either(empty: str) -> None:
    await upgrade(empty)
    engine = sa.create_engine(empty)
    try:
        with engine.connect() as connection:
            sql = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'pilots'").scalar()
    finally:
        engine.dispose()
    assert "AUTOINCREMENT" in str(sql)


def test_there_is_one_head_and_the_scripts_are_where_the_program_looks() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    assert len(scripts.get_heads()) == 1
    assert (scripts_folder() / "env.py").is_file()


async def test_pilots_of_before_get_their_entry_and_are_counted(empty: str) -> None:
    command.upgrade(alembic_config(empty), "0005")
    engine = sa.create_engine(empty)
    pilot = (
        "INSERT INTO pilots (id, version, state, stage, goal, spec, door, owner, request_digest, attempt,"
        " route, cluster, created_at, changed_at, next_attempt_at)"
        " VALUES (?, 1, ?, 'done', 'run', ?, 'rest', 'o', 'd', 1, 'r', 'c', 100, 200, 0)"
    )
    attempt = (
        "INSERT INTO attempts (pilot_id, number, stamp, route, cluster, request, created_at, started_at,"
        " closed_at, outcome, exit_code) VALUES (?, 1, ?, 'r', 'c', '{}', 100, 150, 7300, 'exited', ?)"
    )
    named = '{"attributes": {"glideinentryname": "E", "GLIDEINFACTORY": "F"}}'
    try:
        with engine.begin() as connection:
            for number, spec in enumerate((named, named, "{}"), 1):
                run(connection, pilot, (number, "completed", spec))
                run(connection, attempt, (number, f"s{number}", number - 1))
        await upgrade(empty)
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT entry, factory FROM pilots ORDER BY id").all()
            kept = connection.exec_driver_sql(
                "SELECT entry, state, number, last_at FROM tallies ORDER BY entry, state"
            ).all()
            ends = connection.exec_driver_sql(
                "SELECT hour, entry, outcome, number, nonzero FROM endings ORDER BY entry"
            ).all()
    finally:
        engine.dispose()
    assert [tuple(row) for row in rows] == [("E", "F"), ("E", "F"), (None, None)]
    assert [tuple(row) for row in kept] == [
        ("", "completed", 1, 200), ("", "running", 0, 150),
        ("E", "completed", 2, 200), ("E", "running", 0, 150),
    ]  # fmt: skip
    assert [tuple(row) for row in ends] == [(2, "", "exited", 1, 1), (2, "E", "exited", 2, 1)]


async def test_ends_of_before_get_their_class_from_the_history(empty: str) -> None:
    command.upgrade(alembic_config(empty), "0006")
    engine = sa.create_engine(empty)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO pilots (id, version, state, stage, goal, spec, door, owner, request_digest,"
                " attempt, created_at, changed_at, next_attempt_at)"
                " VALUES (1, 1, 'completed', 'done', 'run', '{}', 'rest', 'o', 'd', 3, 100, 200, 0)"
            )
            for number, closed_at in ((1, 200.0), (2, 300.0), (3, 400.0)):
                run(
                    connection,
                    "INSERT INTO attempts (pilot_id, number, stamp, route, cluster, request, created_at,"
                    " closed_at) VALUES (1, ?, ?, 'r', 'c', '{}', 100, ?)",
                    (number, f"s{number}", closed_at),
                )
            for at, data in (
                (200.1, '{"class": "not_started", "evidence": "no folder"}'),
                (300.1, '{"exit_code": null}'),
                (400.1, '{"class": "normal", "evidence": "exit code 0"}'),
            ):
                run(
                    connection,
                    "INSERT INTO events (pilot_id, at, what, actor, state, data)"
                    " VALUES (1, ?, 'x', 'engine', 'idle', ?)",
                    (at, data),
                )
        await upgrade(empty)
        with engine.connect() as connection:
            ends = connection.exec_driver_sql(
                "SELECT outcome_class, outcome_evidence FROM attempts ORDER BY number"
            ).all()
            latest = connection.exec_driver_sql("SELECT outcome_class FROM pilots").scalar()
    finally:
        engine.dispose()
    assert [tuple(row) for row in ends] == [
        ("not_started", "no folder"), (None, None), ("normal", "exit code 0"),
    ]  # fmt: skip
    assert latest == "normal"


async def test_what_was_counted_of_before_is_of_pilots_and_goes_back_into_one_number(empty: str) -> None:
    command.upgrade(alembic_config(empty), "0010")
    engine = sa.create_engine(empty)
    insert = "INSERT INTO tallies VALUES (%s'idle', %d, %d)"
    select = "SELECT * FROM tallies"
    names = "'E', 'F', 'r', 'c', 'v', 'a', "
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(insert % (names, 3, 100))
        command.upgrade(alembic_config(empty), "0011")
        with engine.begin() as connection:
            kept = connection.exec_driver_sql(select).all()
            connection.exec_driver_sql(insert % (names + "'test', ", 2, 200))
        command.downgrade(alembic_config(empty), "0010")
        with engine.connect() as connection:
            back = connection.exec_driver_sql(select).all()
    finally:
        engine.dispose()
    assert [tuple(row) for row in kept] == [("E", "F", "r", "c", "v", "a", "pilot", "idle", 3, 100.0)]
    assert [tuple(row) for row in back] == [("E", "F", "r", "c", "v", "a", "idle", 5, 200.0)]


def numbered_for_good(database: str) -> set[str]:
    """The tables of which no id is ever given again."""
    engine = sa.create_engine(database)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%%AUTOINCREMENT%%'"
            )
            return set(found.scalars())
    finally:
        engine.dispose()


@ON_SQLITE
def test_no_way_back_and_forth_gives_an_id_again(empty: str) -> None:
    command.upgrade(alembic_config(empty), "head")
    newest = numbered_for_good(empty)
    assert {"pilots", "tokens"} <= newest
    command.downgrade(alembic_config(empty), "0001")
    assert numbered_for_good(empty) == {"pilots"}
    command.upgrade(alembic_config(empty), "head")
    assert numbered_for_good(empty) == newest
