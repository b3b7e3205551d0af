"""What is to be seen: what the CE said last, and what the person has chosen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from hosted_ce.pilots.states import FINAL, State

Document = Mapping[str, Any]
STATES = tuple(state.value for state in State if state not in FINAL)
"""Pilots that are over are in `hosted-ce history`."""


class Sort(StrEnum):
    """In which order pilots are listed."""

    NEWEST = "newest first"
    OLDEST = "oldest first"
    STATE = "by state"
    ROUTE = "by route"
    NODE = "by node"


_KEYS: Mapping[Sort, Callable[[Document], Any]] = {
    Sort.NEWEST: lambda pilot: -pilot["id"],
    Sort.OLDEST: lambda pilot: pilot["id"],
    Sort.STATE: lambda pilot: (STATES.index(pilot["state"]) if pilot["state"] in STATES else 9, -pilot["id"]),
    Sort.ROUTE: lambda pilot: (pilot["route"] or "", -pilot["id"]),
    Sort.NODE: lambda pilot: (pilot["node"] or "~", -pilot["id"]),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What the CE is asked: which pilots, and about which one why it is where it is."""

    state: str | None = None
    route: str | None = None
    why: int | None = None

    @property
    def filters(self) -> list[dict[str, Any]]:
        """For the API's list of pilots, which is asked for one state at a time: that it finds by an index."""
        route = {"route": self.route} if self.route else {}
        return [{"state": state} | route for state in ([self.state] if self.state else STATES)]


@dataclass(frozen=True, slots=True)
class Look:
    """What the CE said, and when (seconds since the epoch)."""

    at: float
    question: Question
    site: Document
    pilots: tuple[Document, ...]
    counts: Mapping[str, int]
    more: bool = False
    """Whether there are more pilots than these."""
    why: Document | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """All of it. `chosen` is a pilot's number."""

    question: Question = field(default_factory=Question)
    sort: Sort = Sort.NEWEST
    chosen: int | None = None
    look: Look | None = None
    problem: str | None = None
    """Why the CE does not answer; what it said last stays."""

    @property
    def pilots(self) -> list[Document]:
        """Those to be listed, in order; none while another choice is asked for."""
        if self.look is None or replace(self.look.question, why=None) != replace(self.question, why=None):
            return []
        return sorted(self.look.pilots, key=_KEYS[self.sort])

    @property
    def place(self) -> int:
        """Where the chosen pilot is in the list; the first, when there is no such pilot any more."""
        ids = [pilot["id"] for pilot in self.pilots]
        return ids.index(self.chosen) if self.chosen in ids else 0

    @property
    def why(self) -> Document | None:
        """The answer about the pilot that was asked for."""
        found = self.look.why if self.look else None
        return found if found and found["ids"]["pilot"] == self.question.why else None

    @property
    def routes(self) -> list[str]:
        """The routes that there are."""
        return [route["name"] for route in self.look.site["routes"]] if self.look else []


def shown(screen: Screen, look: Look) -> Screen:
    """The screen with what the CE said now."""
    return replace(screen, look=look, problem=None)


def moved(screen: Screen, steps: int) -> Screen:
    """Another pilot is chosen, so many places further down."""
    pilots = screen.pilots
    if not pilots:
        return screen
    chosen = pilots[max(0, min(len(pilots) - 1, screen.place + steps))]["id"]
    question = replace(screen.question, why=chosen) if screen.question.why is not None else screen.question
    return replace(screen, chosen=chosen, question=question)
