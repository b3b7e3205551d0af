"""What the API asks of who checks the site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hosted_ce.checks.run import Asked, Run


class SiteChecks(Protocol):
    """Runs of checks over the site; hosted_ce.daemon.checks.runs is the one in use."""

    async def begin(self, cluster: str, asked: Asked, *, actor: str) -> tuple[Run, bool]:
        """Begins a run, and says whether it is new: one that goes on there already is given instead.

        Raises UnknownCluster.
        """

    async def get(self, run_id: int) -> Run | None:
        """One with its results, also while it goes on; None: it is not known."""

    async def latest(self, limit: int, cluster: str | None = None) -> Sequence[Run]:
        """The newest ones, without their results."""
