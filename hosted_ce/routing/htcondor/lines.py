"""Logical lines of a configuration text: trimmed, and joined where they end in a backslash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hosted_ce.routing.htcondor.place import Place

BLANKS = " \t\n\r\f\v"


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line. `place` is where it begins.

    `stray` is the character of a comment between continued lines that HTCondor takes for part of the line.
    """

    text: str
    place: Place
    stray: str = ""

    @property
    def is_comment(self) -> bool:
        """Whether it says nothing: a comment, or empty."""
        return not self.text or self.text.startswith("#")


def logical_lines(text: str, file: str) -> Iterator[Line]:
    """The logical lines in order, comments and empty lines among them.

    A comment is never continued. Between continued lines a comment counts as blank, but for its last
    character, which is meant to be the backslash that continues.
    """
    held, begun, stray = "", 0, ""
    for number, physical in enumerate(text.split("\n"), 1):
        line = physical.strip(BLANKS)
        begun = begun or number
        comment, first = line.startswith("#"), not held
        if comment and not first:
            line = line[-1]
            stray += "" if line == "\\" else line
        held += line
        if held.endswith("\\") and not (comment and first):
            held = held[:-1]
            continue
        yield Line(held, Place(file, begun), stray)
        held, begun, stray = "", 0, ""
    if held:
        yield Line(held, Place(file, begun), stray)
