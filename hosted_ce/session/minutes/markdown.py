"""The whole text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hosted_ce.session.board import Board, OpenItem
from hosted_ce.session.found import ItemState
from hosted_ce.session.log import Entry, Said
from hosted_ce.session.minutes.later import later
from hosted_ce.session.minutes.phases import phases
from hosted_ce.session.minutes.words import clock, day, escaped, length, person, sentence

PEOPLE = "people"
"""The item whose text says who was there."""


def title(board: Board) -> str:
    """Of the minutes, as plain text."""
    return f"Integration session of {board.session.resource} with {board.session.partner}"


def minutes(board: Board, public_url: str) -> str:
    """Who, when, what was decided, what is left open, what was run and found, and what comes next.

    `public_url`: where the CE's pages are, without a slash at the end.
    """
    lines = [
        f"# {escaped(title(board))}", "", *_head(board), "", *_decisions(board), *_open_items(board),
        *phases(board, public_url), *_notes(board), *later(board, public_url),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _head(board: Board) -> Iterator[str]:
    session = board.session
    until = f"to {clock(session.ended_at or board.at)} UTC{'' if session.ended_at else ', and not ended yet'}"
    planned = length(60 * board.minutes)
    yield f"- Site: {escaped(session.resource)} at {escaped(session.site)}"
    yield f"- When: {day(session.began_at)}, {clock(session.began_at)} {until}"
    yield f"- How long: {length(board.elapsed_s)} of {planned} that were planned"
    yield f"- Led by: {person(session.began_by)}"
    there = next((line.seen for line in board.lines if line.id == PEOPLE and line.seen), None)
    if there:
        yield f"- Present: {escaped(there)}"
    if board.contacts:
        yield f"- Contacts of the site: {escaped(', '.join(board.contacts))}"
    yield f"- In short: {_in_short(board)}"


def _in_short(board: Board) -> str:
    states = Counter(line.state for line in board.lines)
    told = ", ".join(f"{states[state]} {state.value}" for state in ItemState if states[state])
    return f"of {len(board.lines)} items {told}; {len(board.open_items)} left to do"


def _decisions(board: Board) -> Iterator[str]:
    yield from ("## Decisions", "")
    found = [entry for entry in board.entries if entry.said is Said.DECISION]
    yield from map(_note, found) if found else ["None was noted."]
    yield ""


def _open_items(board: Board) -> Iterator[str]:
    yield from ("## Open items", "")
    for number, one in enumerate(board.open_items, start=1):
        yield f"{number}. {_open_item(one)}"
    if not board.open_items:
        yield "None."
    yield ""


def _open_item(one: OpenItem) -> str:
    due = f", until {one.due}" if one.due else ""
    todo = f" What to do: {sentence(escaped(one.todo))}" if one.todo else ""
    return f"**{escaped(one.owner)}**{due}: {sentence(escaped(one.what))}{todo}"


def _notes(board: Board) -> Iterator[str]:
    found = [entry for entry in board.entries if entry.said is Said.NOTE]
    if found:
        yield from ("## Notes", "", *map(_note, found), "")


def _note(entry: Entry) -> str:
    return f"- {clock(entry.at)} {sentence(escaped(entry.text or ''))} ({person(entry.actor)})"
