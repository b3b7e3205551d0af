"""What was said and done in a session, in order: all that a session is, besides what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.session.facts import Ran


class Said(StrEnum):
    """What an entry is."""

    TICK = "tick"
    """An item is done."""
    SKIP = "skip"
    """An item is left out, for the reason that the text gives."""
    REOPEN = "reopen"
    """What was said of an item before counts no more."""
    RUN = "run"
    """Something was started; with its result, if it had it at once."""
    NOTE = "note"
    DECISION = "decision"
    OPEN = "open"
    """Something is left open; with an item: who looks after that one."""
    SETTLE = "settle"
    """It is not open any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of them. `number` counts those of the session, from 1. Times in seconds since the epoch (UTC).

    `due`: a date, as `2026-12-01`. `about`: the number of the entry that is settled. `well`: how it went;
    None: it is seen later.
    """

    number: int
    at: float
    actor: str
    said: Said
    text: str | None = None
    item: str | None = None
    owner: str | None = None
    due: str | None = None
    about: int | None = None
    well: bool | None = None
    link: str | None = None


MARKS = (Said.TICK, Said.SKIP, Said.REOPEN)


def marks_of(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    """By item: what was said of it last, if that counts."""
    last: dict[str, Entry] = {}
    for entry in entries:
        if entry.said in MARKS and entry.item:
            last[entry.item] = entry
    return {item: entry for item, entry in last.items() if entry.said is not Said.REOPEN}


def results_of(entries: Iterable[Entry], acts: Mapping[str, str]) -> dict[str, Ran]:
    """By act: the newest result. `acts` are those of items, by id."""
    found: dict[str, Ran] = {}
    for entry in entries:
        act = acts.get(entry.item or "")
        if act and entry.said is Said.RUN and entry.well is not None:
            found[act] = Ran(entry.at, entry.well, entry.text or "", entry.link)
    return found
