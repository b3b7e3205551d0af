"""A session as lines of text. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hosted_ce.cli.words import cell, span, to_the_minute

Document = dict[str, Any]
SETTLED = frozenset({"done", "skipped"})
_MOVES = {"osg": "OSG", "site": "the site", "both": "OSG and the site"}


def lines_of(board: Document) -> Iterator[str]:
    """All of it: the checklist, open items, decisions and notes."""
    yield from (head(board), "")
    for number, phase in enumerate(board["phases"], start=1):
        yield from phase_lines(number, phase)
        yield ""
    yield from _open_items(board)
    for title, said in (("decisions", "decision"), ("notes", "note")):
        yield from _said(board, title, said)


def head(board: Document) -> str:
    """In one line."""
    session = board["session"]
    time = f"{span(board['elapsed_s'])} of {span(60 * board['minutes'])}"
    state = (
        f"ended {to_the_minute(session['ended_at'])}"
        if session["ended_at"]
        else f"now: {cell(board['next'])}"
    )
    who = f"{cell(session['resource'])} with {cell(session['partner'])}"
    return f"session {session['id']} of {who}: {time}; {state}"


def phase_lines(number: int, phase: Document) -> Iterator[str]:
    """A phase with its items. `of`: how many there are, where not all are shown."""
    of = phase.get("of", len(phase["items"]))
    minutes = f"minutes {phase['begins']} to {phase['begins'] + phase['minutes']}"
    yield f"{number}. {phase['title']} ({phase['settled']} of {of} settled; {minutes})"
    for item in phase["items"]:
        yield from item_lines(item)


def item_lines(item: Document) -> Iterator[str]:
    """An item: what is seen of it, and what to do."""
    seen = f": {cell(item['seen'])}" if item["seen"] else ""
    yield f"  {item['state']:<8} {item['id']:<14} {cell(item['title'])}{seen}"
    for fault in item["faults"]:
        word = "FAIL" if fault["severe"] else "warn"
        yield f"{'':11}{word} {cell(fault['title'])}: {cell(fault['seen'])}"
        yield f"{'':11}     -> {cell(fault['todo'])}"
    if item["state"] in SETTLED or item["state"] == "running":
        return
    if item["waits_for"]:
        yield f"{'':11}waits for {', '.join(item['waits_for'])}"
    else:
        yield f"{'':11}-> {_MOVES[item['move']]}: {cell(item['todo'])}"


def result(item: Document) -> str:
    """How an item stands, in one line."""
    return f"{item['id']}: {item['state']}" + (f", {cell(item['seen'])}" if item["seen"] else "")


def _open_items(board: Document) -> Iterator[str]:
    yield "open items:" if board["open_items"] else "open items: none"
    for one in board["open_items"]:
        number = f"{one['number']}. " if one["number"] else ""
        due = f", until {one['due']}" if one["due"] else ""
        yield f"  {number}{cell(one['owner'])}{due}: {cell(one['what'])}"


def _said(board: Document, title: str, said: str) -> Iterator[str]:
    found = [entry for entry in board["entries"] if entry["said"] == said]
    if found:
        yield f"{title}:"
    for entry in found:
        yield f"  {entry['at'][11:16]} {cell(entry['text'])} ({cell(entry['actor'])})"
