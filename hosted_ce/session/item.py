"""What a checklist is made of: phases, and the items in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.session.facts import Facts
from hosted_ce.session.found import Found


class Move(StrEnum):
    """Whose move it is."""

    OSG = "osg"
    SITE = "site"
    BOTH = "both"

    @property
    def words(self) -> str:
        """In words."""
        return {Move.OSG: "OSG", Move.SITE: "the site", Move.BOTH: "OSG and the site"}[self]


class ItemKind(StrEnum):
    """How an item gets done."""

    RUN = "run"
    """An operator has us start something; what comes of it is seen."""
    WATCH = "watch"
    """It is done when it is seen."""
    TICK = "tick"
    """A person says that it is done."""


class Act(StrEnum):
    """What can be started from a checklist."""

    CONTACT = "contact"
    """Asks the clusters what they are."""
    CHECK = "check"
    """All checks of the site."""
    HELLO = "hello"
    """A short test pilot."""
    STRESS = "stress"
    """A test pilot that uses what was asked for."""
    FRONT_DOOR = "front-door"
    """The checks of the factory's door."""
    ROUTE = "route"
    """Where a pilot like a factory's would go."""
    RAMP = "ramp"
    """Lets the ramps go on that an operator stopped."""
    VERIFY = "verify"
    """Compares what was asked, granted and used."""


@dataclass(frozen=True, slots=True)
class Item:
    """`id` is for good. `todo` says what to do now, in words for whose `move` it is.

    With a `judge` it is done when that says so, and not before; without one a person says it. `needs`: items
    of before without which it makes no sense.
    """

    id: str
    title: str
    what: str
    todo: str
    move: Move
    needs: tuple[str, ...] = ()
    run: Act | None = None
    judge: Callable[[Facts], Found] | None = None

    @property
    def kind(self) -> ItemKind:
        """How it gets done."""
        if self.run:
            return ItemKind.RUN
        return ItemKind.WATCH if self.judge else ItemKind.TICK


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the session, and how many minutes are planned for it."""

    id: str
    title: str
    minutes: int
    aim: str
    items: tuple[Item, ...]
