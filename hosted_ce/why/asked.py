"""Who wants a pilot to end, and why, in words. Pure."""

from __future__ import annotations

from hosted_ce.pilots.states import Goal
from hosted_ce.why.answer import Turn
from hosted_ce.why.facts import Facts

_WISHES = {
    Goal.REMOVE: ("is to be removed", ("removal_asked", "removed")),
    Goal.HOLD: ("is to be held", ("hold_asked", "held")),
    Goal.RESTART: ("was held and released: a new attempt begins when this one has ended", ("release_asked",)),
    Goal.RUN: ("is to run", ()),
}
FACTORYS = ("factory", "condor:")


def asked_words(facts: Facts) -> str:
    """What is wanted of it, by whom, and why."""
    wish, whats = _WISHES[facts.pilot.goal]
    found = facts.last(*whats)
    by = f", asked by {found.event.actor}" if found else ""
    reason = (found.event.reason if found else None) or facts.pilot.goal_reason
    return f"it {wish}{by}" + (f": {reason}" if reason else "")


def who_asked(actor: str) -> Turn:
    """Whose wish that is, by the actor of its event."""
    return Turn.FACTORY if actor.startswith(FACTORYS) else Turn.OSG
