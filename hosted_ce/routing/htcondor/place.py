"""Where something is in a configuration, and what was found there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; lines count from 1. 0: the whole of what is named."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that does not work, or not as it looks. `code` names the kind in the documentation.

    An error is what HTCondor-CE would refuse or fail over as well. A warning is what it takes in silence.
    """

    place: Place
    severity: Severity
    code: str
    message: str

    def describe(self) -> str:
        """One line in the form that editors and compilers share."""
        warning = "warning: " if self.severity == "warning" else ""
        return f"{self.place}: {warning}{shown(self.message, 1000)} [{self.code}]"


def shown(text: str, most: int = 60) -> str:
    """A text for a message: shortened, and safe to print."""
    short = text if len(text) <= most else f"{text[: most - 3]}..."
    return "".join(character if character.isprintable() else "\ufffd" for character in short)


@dataclass(frozen=True, slots=True)
class Note:
    """What went wrong in one step for one pilot, without ending the transform."""

    place: Place
    message: str
