"""What pilots are counted by, and how changes move them from one kind to another: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from hosted_ce.pilots.pilot import Change, Pilot


class Kind(NamedTuple):
    """What pilots are counted by; an empty text where there is none."""

    entry: str
    factory: str
    route: str
    cluster: str
    vo: str
    account: str
    purpose: str
    state: str

    @classmethod
    def of(cls, pilot: Pilot) -> Self:
        """The kind that the pilot is of."""
        route, cluster = (pilot.attempt.route, pilot.attempt.cluster) if pilot.attempt else ("", "")
        return cls(
            pilot.entry or "", pilot.factory or "", route, cluster, pilot.vo or "", pilot.account or "",
            pilot.purpose.value, pilot.state.value,
        )  # fmt: skip

    def after(self, change: Change) -> Self:
        """The kind that it is of after the change."""
        state = change.update.get("state", change.pilot.state)
        changed = self._replace(state=state.value, vo=change.update.get("vo", self.vo))
        if change.begin:
            changed = changed._replace(route=change.begin.route, cluster=change.begin.cluster)
        return changed


@dataclass(slots=True)
class Moves:
    """What many changes make of the numbers together."""

    entered: Counter[Kind] = field(default_factory=Counter)
    """By how many each kind grows into which some pilot came; zero or less where as many or more left it."""
    left: Counter[Kind] = field(default_factory=Counter)
    """By how many each other kind shrinks."""


def moves_of(changes: Iterable[Change]) -> Moves:
    """What applied changes make of the numbers; nothing of those that leave their pilot in its kind."""
    moves = Moves()
    for change in changes:
        old = Kind.of(change.pilot)
        new = old.after(change)
        if new != old:
            moves.entered[new] += 1
            moves.left[old] += 1
    for kind in moves.left.keys() & moves.entered.keys():
        moves.entered[kind] -= moves.left.pop(kind)
    return moves
