"""What a lab that has ended may have left behind, for tests that it left nothing.

A home is judged by a file in it: the folder itself may be the next lab's by then, which takes the place
(`slot.py`) as soon as it is free.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.e2e.lab import process
from tests.e2e.lab.account import Account
from tests.e2e.lab.process import LabError, wait_until

_SECONDS = 60


def leave_file(account: Account) -> Path:
    """A file of the account's in its home, which goes when the home is cleared."""
    return account.write(account.home / "left-behind-by-this-lab", b"")


def assert_nothing_remains(pids: Iterable[int], paths: Iterable[Path]) -> None:
    """Within a minute none of the processes lives and none of the files is there; else what is, is named."""
    pids, paths = list(pids), list(paths)

    def remains() -> list[str]:
        alive = [f"{pid} {process.command_name(pid)}" for pid in pids if process.is_alive(pid)]
        return [*alive, *(str(path) for path in paths if path.exists())]

    with suppress(LabError):
        wait_until(lambda: not remains(), "the end of the lab", seconds=_SECONDS)
    assert remains() == []
