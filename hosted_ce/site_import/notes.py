"""What became of each thing that a source says: a record with its place, so that nothing goes in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from hosted_ce.routing.htcondor.place import Place

Status = Literal["person", "mapped", "not needed"]


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One thing of a source: `what` names it, `message` says where it went, why it is not needed, or what
    a person has to do. The place's file is "" where it is about something that no source says.
    """

    place: Place
    status: Status
    what: str
    message: str


@dataclass(slots=True)
class Notes:
    """Collects notes; each only once."""

    _found: dict[Note, None] = field(default_factory=dict)

    def mapped(self, place: Place, what: str, message: str) -> None:
        """It is in the site file now."""
        self._found[Note(place, "mapped", what, message)] = None

    def unneeded(self, place: Place, what: str, message: str) -> None:
        """It has no counterpart, and needs none."""
        self._found[Note(place, "not needed", what, message)] = None

    def person(self, place: Place, what: str, message: str) -> None:
        """A person has to look at it."""
        self._found[Note(place, "person", what, message)] = None

    def withdraw(self, names: frozenset[str], message: str, *, but: str) -> None:
        """What was taken under these names, or is in sections with them, turns out to need a person.

        Options named `but` stay as they are.
        """
        changed: dict[Note, None] = {}
        for note in self._found:
            section = note.what[: note.what.find("]") + 1]
            taken = note.status == "mapped" and (note.what in names or section in names)
            if taken and not note.what.endswith(f"] {but}"):
                changed[Note(note.place, "person", note.what, message)] = None
            else:
                changed[note] = None
        self._found = changed

    def __iter__(self) -> Iterator[Note]:
        """The notes in the order of files and lines; those without a place come first."""
        return iter(sorted(self._found, key=lambda note: (note.place.file, note.place.line)))


class SourceError(Exception):
    """A source cannot be read. `notes` say where and why."""

    def __init__(self, *notes: Note) -> None:
        super().__init__("\n".join(f"{note.place}: {note.message}" for note in notes))
        self.notes = notes
