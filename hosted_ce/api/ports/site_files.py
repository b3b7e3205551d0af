"""What the API is given to work with site files: the one in force, and others that may become it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from hosted_ce.routing.prospects import Shift
from hosted_ce.site import Problem
from hosted_ce.site.changes import Difference


@dataclass(frozen=True, slots=True)
class SiteFileView:
    """The file that is in force, and why a later one is not. Times in seconds since the epoch (UTC)."""

    path: str
    sha256: str
    """Of the text that is in force."""
    loaded_at: float
    problems: tuple[str, ...] = ()
    """Why what the file says now is not in force; empty when it is."""
    failed_at: float | None = None
    """Since when it is not."""
    chores: tuple[str, ...] = ()
    """What the last change leaves for the operator to do."""


class ReloadOutcome(StrEnum):
    """How a reload ended."""

    LOADED = "loaded"
    """The file is in force now."""
    UNCHANGED = "unchanged"
    """It says what is in force."""
    REFUSED = "refused"
    """It has errors, or asks for what cannot be done now. What was in force still is."""
    FAILED = "failed"
    """The CE made a mistake. What was in force still is."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A reload that was well: `outcome` is LOADED or UNCHANGED."""

    outcome: ReloadOutcome
    sha256: str
    differences: tuple[Difference, ...] = ()
    chores: tuple[str, ...] = ()


class ReloadRefused(Exception):
    """The file was not put in force; what was in force still is. `problems` say why."""

    def __init__(
        self, file: Path, problems: Sequence[Problem], outcome: ReloadOutcome = ReloadOutcome.REFUSED
    ) -> None:
        super().__init__("\n".join(problem.describe(file) for problem in problems))
        self.file, self.problems, self.outcome = file, tuple(problems), outcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two site files, and what the second one would do with the pilots that wait.

    `obstacles` say why it would be refused now, if it would.
    """

    differences: tuple[Difference, ...]
    shifts: tuple[Shift, ...]
    looked_at: int
    obstacles: tuple[str, ...] = ()
    chores: tuple[str, ...] = ()


class SiteFiles(Protocol):
    """hosted_ce.daemon.site_file.reload.Reloads is the one in use."""

    async def reload(self) -> Reloaded:
        """Puts in force what the file says now. Raises ReloadRefused."""

    async def compare(self, old: str | None, new: str) -> Comparison:
        """Compares two texts; without `old` the file in force with `new`. Raises SiteFileError."""
