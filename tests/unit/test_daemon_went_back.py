"""A database that went back in time is not gone on from, also not by whoever starts the CE again."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.went_back import NAME, refuse, remember
from hosted_ce.store.errors import DatabaseTaken, DatabaseWentBack


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
