"""Whether a database is current is found out without alembic, and as alembic would say it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from hosted_ce.store.migrate import alembic_config, upgrade
from hosted_ce.store.schema import SchemaUnusable, ensure_schema, heads, is_current, scripts_folder
from tests.unit.test_lean_imports import modules_after


@pytest.fixture
def empty(folder: Path) -> str:
    """The URL of a database that does not exist yet."""
    return f"sqlite:///{folder / 'new.sqlite'}"


def test_the_heads_are_those_that_alembic_finds(empty: str) -> None:
    assert heads(scripts_folder()) == set(ScriptDirectory.from_config(alembic_config(empty)).get_heads())


def test_two_migrations_after_one_are_two_heads(folder: Path) -> None:
    (folder / "versions").mkdir()
    for name, before in (("0001", None), ("0002", "0001"), ("0003", "0001")):
        text = f"revision = '{name}'\ndown_revision = {before!r}\n"
        (folder / "versions" / f"{name}.py").write_text(text)
    assert heads(folder) == {"0002", "0003"}


async def test_a_new_database_is_not_current_and_then_it_is(empty: str) -> None:
    assert not is_current(empty)
    await ensure_schema(empty)
    assert is_current(empty)
    await ensure_schema(empty)
    assert is_current(empty)


async def test_an_older_database_is_not_current(empty: str) -> None:
    await upgrade(empty)
    command.downgrade(alembic_config(empty), "-1")
    assert not is_current(empty)
    await ensure_schema(empty)
    assert is_current(empty)


async def test_a_newer_database_is_refused_with_what_to_do(empty: str) -> None:
    await upgrade(empty)
    engine = sa.create_engine(empty)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaUnusable, match=r"newer version of hosted-ce \(revision 9999\): install"):
        await ensure_schema(empty)


async def test_what_the_database_says_against_it_is_told(folder: Path) -> None:
    url = f"sqlite:///{folder / 'strange.sqlite'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE pilots (id INTEGER)"))
    engine.dispose()
    with pytest.raises(SchemaUnusable, match="table pilots already exists"):
        await ensure_schema(url)


async def test_an_upgrade_leaves_nothing_of_alembic_in_this_process(empty: str) -> None:
    done = modules_after(
        "import asyncio\nfrom hosted_ce.store.schema import ensure_schema\n"
        f"asyncio.run(ensure_schema({empty!r}))"
    )
    assert is_current(empty)
    assert done & {"alembic", "mako"} == set()


async def test_an_upgrade_whose_process_says_nothing_is_no_upgrade(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hosted_ce.store.schema.sys.executable", "/bin/false")
    with pytest.raises(SchemaUnusable, match="ended with 1; try `hosted-ce db upgrade`"):
        await ensure_schema(empty)


async def test_an_upgrade_is_by_this_installation_wherever_it_is_started(
    empty: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by what has its name in the folder that we are in."""
    other = folder / "hosted_ce" / "store"
    other.mkdir(parents=True)
    (other / "upgrading.py").write_text("")
    monkeypatch.chdir(folder)
    await ensure_schema(empty)
    assert is_current(empty)


async def test_an_upgrade_that_says_yes_and_has_done_nothing_is_no_upgrade(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hosted_ce.store.schema.sys.executable", "/bin/true")
    with pytest.raises(SchemaUnusable, match="is another one installed"):
        await ensure_schema(empty)
