"""What to do about how a pilot ended, by the class of its end. Pure."""

from __future__ import annotations

from hosted_ce.pilots.end_classes import NODES_FAULT, EndClass
from hosted_ce.why.answer import Turn
from hosted_ce.why.facts import Facts

_ADVICE = {
    EndClass.NEVER_CLAIMED: (
        Turn.FACTORY,
        "see whether there was work for it, and whether it joined its pool: `hosted-ce pilots output {id}`",
    ),
    EndClass.WALLTIME: (Turn.OSG, "if that is too early, let the route ask for more time"),
    EndClass.MEMORY: (Turn.OSG, "let the route ask for more memory"),
    EndClass.PREEMPTED: (Turn.SITE, "nothing: the site wanted its resources back"),
}  # fmt: skip
_NODE = "if it is the same node again, tell the site: `hosted-ce nodes`"
_LOOK = "its outputs say more: `hosted-ce pilots output {id}`"


def advice_of(facts: Facts) -> tuple[Turn, str]:
    """Whose move it is, and what to do."""
    attempt = facts.pilot.attempt
    end = (attempt.outcome_class if attempt else None) or EndClass.UNKNOWN
    turn, todo = Turn.NOBODY, "nothing"
    if end in NODES_FAULT:
        turn, todo = Turn.SITE, _NODE
    elif end in _ADVICE:
        turn, todo = _ADVICE[end]
    elif attempt and (attempt.exit_code or attempt.exit_signal):
        turn, todo = Turn.FACTORY, _LOOK
    return turn, todo.format(id=facts.pilot.id)
