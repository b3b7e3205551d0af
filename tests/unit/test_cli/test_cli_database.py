"""`hosted-ce db`: on real databases."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.store.migrate import NewerDatabase, revisions

from .conftest import Run


def test_status_without_a_database_makes_none(run: Run, folder: Path) -> None:
    _, needed = revisions("sqlite://")
    result = run("db", "status")
    assert result.exit_code == 1
    assert result.stdout == f"current  none\nneeded   {needed}\n"
    assert list(folder.iterdir()) == []


def test_upgrade_makes_the_database_and_then_does_nothing(run: Run, folder: Path) -> None:
    _, needed = revisions("sqlite://")
    first = run("db", "upgrade", "--state", "elsewhere")
    assert (first.exit_code, first.stdout) == (0, f"upgraded from nothing to {needed}\n")
    assert (folder / "elsewhere").stat().st_mode & 0o777 == 0o700
    assert revisions(f"sqlite:///{folder}/elsewhere/hosted-ce.sqlite") == (needed, needed)
    assert run("db", "upgrade", "--state", "elsewhere").stdout == f"already at revision {needed}\n"
    status = run("db", "status", "--state", "elsewhere")
    assert (status.exit_code, status.stdout) == (0, f"current  {needed}\nneeded   {needed}\n")


def test_the_schema_of_a_ce_that_runs_stays_as_it_is(run: Run, folder: Path) -> None:
    (folder / "state").mkdir(mode=0o700)
    with (folder / "state" / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run("db", "upgrade")
    assert (result.exit_code, "another CE (process" in result.stderr) == (1, True)
    assert not (folder / "state" / "hosted-ce.sqlite").exists()


def test_the_database_of_the_environment_is_used(run: Run, folder: Path) -> None:
    env = {"HOSTED_CE_DATABASE_URL": f"sqlite:///{folder}/mine.sqlite"}
    assert run("db", "upgrade", env=env).exit_code == 0
    assert run("db", "status", env=env).exit_code == 0
    assert not (folder / "state").exists()


def test_a_database_of_a_newer_version_is_left_alone(run: Run, folder: Path) -> None:
    run("db", "upgrade")
    url = f"sqlite:///{folder}/state/hosted-ce.sqlite"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for command in ("upgrade", "status"):
        result = run("db", command)
        assert result.exit_code == 1
        assert (
            "it was made by a newer version of hosted-ce (revision 9999): install that one, or restore the "
            "backup of before the update"
        ) in result.stderr
    with pytest.raises(NewerDatabase, match="9999"):
        revisions(url)


@pytest.mark.parametrize("command", ["status", "upgrade", "move --to postgresql://x/y"])
@pytest.mark.parametrize("url", ["postgresql+nodriver://me:secret@db/x", "rubbish:secret"])
def test_an_unusable_database_is_told_without_its_password(run: Run, url: str, command: str) -> None:
    result = run("db", *command.split(), env={"HOSTED_CE_DATABASE_URL": url})
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert "secret" not in result.stderr


def test_where_there_is_none_to_move_the_settings_are_wrong(run: Run) -> None:
    result = run("db", "move", "--to", "postgresql://x/y")
    assert (result.exit_code, "there is no SQLite database to move" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["upgrade", "move --to postgresql://x/y"])
def test_a_state_folder_that_is_open_to_others_is_a_wrong_setting_here_too(
    run: Run, folder: Path, command: str
) -> None:
    assert run("db", "upgrade").exit_code == 0
    (folder / "state").chmod(0o770)
    result = run("db", *command.split())
    assert (result.exit_code, "has mode 0770" in result.stderr) == (2, True), result.stderr


def test_a_file_that_is_no_database_is_told(run: Run, folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "hosted-ce.sqlite").write_text("this is not a database, by far" * 100)
    result = run("db", "status")
    assert result.exit_code == 1
    assert "file is not a database" in result.stderr
