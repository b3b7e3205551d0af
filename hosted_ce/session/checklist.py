"""The checklist of the live session, in order."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.session.item import Item, Phase
from hosted_ce.session.phases.door import DOOR
from hosted_ce.session.phases.growth import GROWTH
from hosted_ce.session.phases.later import LATER
from hosted_ce.session.phases.ospool import OSPOOL
from hosted_ce.session.phases.readiness import READINESS
from hosted_ce.session.phases.tests import TESTS

PHASES: tuple[Phase, ...] = (READINESS, TESTS, DOOR, OSPOOL, GROWTH, LATER)
"""What an item needs comes before it."""
ITEMS: Mapping[str, Item] = {item.id: item for phase in PHASES for item in phase.items}
"""By id, in order."""
MINUTES = sum(phase.minutes for phase in PHASES)
"""How long a session is planned to take."""


class UnknownItem(ValueError):
    """The checklist has no item of this id."""

    def __init__(self, item: str):
        super().__init__(f"there is no item {item!r}; there are: {', '.join(ITEMS)}")


def item_of(word: str) -> Item:
    """By id, in any case. Raises UnknownItem."""
    found = ITEMS.get(word.lower())
    if found is None:
        raise UnknownItem(word)
    return found
