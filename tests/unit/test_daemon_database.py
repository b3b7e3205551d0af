"""A daemon goes on from no database that went back in time, and begins none where it was moved away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosted_ce.daemon import Daemon
from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.went_back import NAME, refuse, remember
from hosted_ce.settings import Settings
from hosted_ce.store.errors import DatabaseTaken, DatabaseWentBack

EXAMPLE = Path(__file__).parents[2] / "routes" / "example.yaml"


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


async def refused(state: Path) -> str:
    """What a start with this state folder is refused with."""
    daemon = Daemon(Settings(site=EXAMPLE, state=state, port=0))
    with pytest.raises(CannotStart) as told:
        await daemon.run(asyncio.Event())
    return str(told.value)


async def test_no_start_makes_a_database_where_one_was_moved_away(tmp_path: Path) -> None:
    moved = tmp_path / "state" / "hosted-ce.sqlite.moved"
    moved.parent.mkdir()
    moved.touch()
    said = await refused(moved.parent)
    assert "set HOSTED_CE_DATABASE_URL" in said
    assert f"remove {moved}" in said
    assert not moved.with_suffix("").exists()


async def test_a_daemon_that_starts_again_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    remember(state, DatabaseWentBack("7", "aborted"))
    assert f"remove {state / NAME}" in await refused(state)
    assert not (state / "hosted-ce.sqlite").exists()


def test_every_start_is_refused_until_the_file_is_gone(tmp_path: Path) -> None:
    refuse(tmp_path)
    remember(tmp_path, DatabaseWentBack("7", "aborted"))
    for _ in range(2):
        with pytest.raises(CannotStart, match=f"transaction 7, and now that is aborted.*remove .*{NAME}"):
            refuse(tmp_path)
    (tmp_path / NAME).unlink()
    refuse(tmp_path)


@pytest.mark.parametrize("error", [None, DatabaseTaken("another"), RuntimeError()])
def test_what_is_over_with_the_process_is_not_remembered(tmp_path: Path, error: Exception | None) -> None:
    remember(tmp_path, error)
    assert list(tmp_path.iterdir()) == []
