"""What outlasts the process when its database went back in time: no restart may go on from it unseen."""

from __future__ import annotations

from pathlib import Path

from hosted_ce.daemon.errors import CannotStart
from hosted_ce.store.errors import DatabaseWentBack
from hosted_ce.store.files import write_whole

NAME = "database-went-back"


def remember(state: Path, error: BaseException | None) -> None:
    """Writes down why the CE ended, if that is why."""
    if isinstance(error, DatabaseWentBack):
        write_whole(state / NAME, f"{error}\n".encode())


def refuse(state: Path) -> None:
    """Raises CannotStart where a CE has ended so, until an operator removes the file."""
    file = state / NAME
    if file.exists():
        raise CannotStart(
            f"{file.read_text().strip()}; when no pilot of it can run a second time, remove {file}, and start"
        )
