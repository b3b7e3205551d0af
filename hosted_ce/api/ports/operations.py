"""What the API asks of who settles by hand what the engine cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hosted_ce.pilots.pilot import Pilot


class UnknownCluster(Exception):
    """The site file has no cluster of this name."""

    def __init__(self, name: str, known: Sequence[str]):
        super().__init__(f"there is no cluster {name!r}; there are: {', '.join(known)}")


class CannotProbe(Exception):
    """The site cannot be asked now; the text says why."""


class Operations(Protocol):
    """What an operator may settle by hand; hosted_ce.daemon.operations is the one in use."""

    async def adopt(
        self, pilot_id: int, batch_id: str, *, actor: str, reason: str | None, force: bool
    ) -> Pilot:
        """This batch job is the pilot's. Raises CannotSettle."""

    async def abandon(self, pilot_id: int, *, actor: str, reason: str | None, force: bool) -> Pilot:
        """The pilot's attempt has no batch job. Raises CannotSettle."""

    async def pause(self, cluster: str, *, actor: str, reason: str | None) -> None:
        """Nothing is submitted there. Raises UnknownCluster."""

    async def resume(self, cluster: str) -> None:
        """Ends a pause, and those after failures. Raises UnknownCluster."""

    async def accept_spool(self, cluster: str, *, actor: str) -> None:
        """The spool that is there now is ours. Raises UnknownCluster."""

    async def probe(self, cluster: str) -> None:
        """Asks the site what it is, now. Raises UnknownCluster, CannotProbe."""
