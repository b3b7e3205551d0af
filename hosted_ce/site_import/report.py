"""What an import tells a person: what needs one, what was taken over, what is not needed; for a terminal,
as Markdown, and as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hosted_ce.site_import.notes import Note, Status

_HEADS: Mapping[Status, str] = {
    "person": "Needs a person",
    "mapped": "Taken over",
    "not needed": "Not needed here",
}


def by_status(notes: Iterable[Note], status: Status) -> list[Note]:
    """The notes of one kind, in their order."""
    return [note for note in notes if note.status == status]


def summary(notes: Sequence[Note]) -> str:
    """How many there are of each kind, in one line."""
    taken, unneeded, person = (len(by_status(notes, each)) for each in ("mapped", "not needed", "person"))
    return f"{taken} taken over, {unneeded} not needed here, {person} for a person to look at"


def report_lines(notes: Sequence[Note]) -> Iterator[str]:
    """Lines for a terminal: those for a person first, each as `FILE:LINE: WHAT: MESSAGE`."""
    for status, head in _HEADS.items():
        found = by_status(notes, status)
        if found:
            yield f"{head}:"
            yield from (f"  {_line(note)}" for note in found)
            yield ""
    yield summary(notes)


def markdown_report(notes: Sequence[Note], title: str) -> str:
    """The same as Markdown, with a table for each kind."""
    parts = [f"# {_cell(title)}", "", f"{summary(notes)}."]
    for status, head in _HEADS.items():
        found = by_status(notes, status)
        if found:
            parts += ["", f"## {head}", "", "| where | what | |", "|---|---|---|"]
            parts += [
                f"| {_cell(_where(note))} | {_cell(note.what)} | {_cell(note.message)} |" for note in found
            ]
    return "\n".join(parts) + "\n"


def notes_json(notes: Sequence[Note]) -> list[dict[str, object]]:
    """The notes as objects; file and line are null where no source says a thing."""
    return [
        {
            "status": note.status,
            "file": note.place.file or None,
            "line": note.place.line or None,
            "what": note.what,
            "message": note.message,
        }
        for note in notes
    ]


def _line(note: Note) -> str:
    return ": ".join(part for part in (_where(note), note.what, note.message) if part)


def _where(note: Note) -> str:
    return str(note.place) if note.place.file else ""


def _cell(text: str) -> str:
    """Text for a cell of a table, with nothing in it that is Markdown."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>|#" else character for character in plain)
