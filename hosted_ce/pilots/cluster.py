"""What is written down about a cluster, besides its pilots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """An operator wants no pilots to be submitted: since when (seconds since the epoch), who, and why."""

    since: float
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """All of it. A cluster that nothing was ever written of has the defaults."""

    pause: Pause | None = None
    spool_mark: str | None = None
    """The stamp by which we know the spool; None: it is still to be marked."""
    spool_since: float = 0.0
    """Attempts that are older than this may have been claimed in another spool."""
