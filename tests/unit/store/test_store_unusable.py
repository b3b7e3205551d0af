"""What to do about a database that cannot be used is told with it, on a disk that is really full."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hosted_ce.store.unusable import todo_of

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")


def _use(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS pilots (id)")


def error_of(path: Path) -> Exception:
    """Why this database cannot be used."""
    engine = sa.create_engine(f"sqlite:///{path}")
    try:
        with pytest.raises(sa.exc.DatabaseError) as refused:
            _use(engine)
    finally:
        engine.dispose()
    return refused.value


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "ce.sqlite").write_bytes(b"x" * 10_000)
    todo = todo_of(error_of(tmp_path / "ce.sqlite"), tmp_path)
    assert todo is not None
    assert "damaged" in todo
    assert "Restore" in todo


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert todo_of(error_of(tmp_path / "none" / "ce.sqlite"), tmp_path / "none") is None


def test_a_file_that_did_not_fit(tmp_path: Path) -> None:
    assert todo_of(OSError(errno.EDQUOT, "Disk quota exceeded"), tmp_path) == (
        f"the disk is full: make room at {tmp_path}, then start again"
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], check=False)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@needs_root
def test_a_full_disk_that_sqlite_calls_broken(small_disk: Path) -> None:
    fill = ["dd", "if=/dev/zero", f"of={small_disk / 'fill'}", "bs=4k"]
    assert b"No space left" in subprocess.run(fill, check=False, capture_output=True).stderr
    error = error_of(small_disk / "ce.sqlite")
    todo = todo_of(error, small_disk)
    assert todo is not None, error
    assert "the disk is full" in todo
