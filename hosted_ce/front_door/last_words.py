"""What the front door's logs say at their ends."""

from __future__ import annotations

from pathlib import Path

from hosted_ce.front_door.layout import Layout

OUTPUT = "master.out"
"""What condor_master itself printed; usually nothing."""

_LINES = 6


def last_words(layout: Layout) -> list[str]:
    """The ends of the logs that tell why it does not run."""
    names = (OUTPUT, "MasterLog", "SharedPortLog", "CollectorLog", "SchedLog")
    return [line for name in names for line in _tail(layout.logs / name)]


def _tail(log: Path) -> list[str]:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []  # this one has nothing to say
    return [f"{log.name}: {line}" for line in lines[-_LINES:]]
