"""What is seen of an item."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ItemState(StrEnum):
    """How an item stands."""

    OPEN = "open"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be done about it."""
        return self in (ItemState.DONE, ItemState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not well; `name` is the same each time that it is seen.

    `severe`: it has to be mended; otherwise it should be.
    """

    name: str
    title: str
    seen: str
    todo: str
    severe: bool = True
    since: float | None = None
    """When it was found first, in seconds since the epoch (UTC), and never seen to be well since."""


@dataclass(frozen=True, slots=True)
class Found:
    """How an item stands by what is seen: one line, since when, and the page that shows it.

    `todo` is instead of the item's own. SKIPPED: this site does not need it.
    """

    state: ItemState
    seen: str | None = None
    since: float | None = None
    link: str | None = None
    todo: str | None = None
    faults: tuple[Fault, ...] = ()


def not_yet(seen: str | None = None, todo: str | None = None) -> Found:
    """Nothing is seen of it."""
    return Found(ItemState.OPEN, seen, todo=todo)
