"""What a level has to show before the next one: each gate with its numbers in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from hosted_ce.ramp.chance import allowed
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import State
from hosted_ce.ramp.words import classes, percent, span

_ROUNDING = 1e-9


class GateName(StrEnum):
    """What there are gates of."""

    STARTED = "started"
    RAN = "ran"
    FAILURES = "failures"
    WAIT = "wait"
    PUSH_BACK = "push_back"
    CONTACT = "contact"
    REST = "rest"


COUNTED = frozenset({GateName.STARTED, GateName.RAN})
"""Gates that ask for more of the level's pilots; the others ask that nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether it is passed, and what it goes by: `7 of 8 started`."""

    name: GateName
    passed: bool
    said: str


def enough(state: State, rules: Rules) -> int:
    """How many pilots of the level have to start and to run for long enough."""
    return max(1, ceil(rules.started * state.room - _ROUNDING))


def gates(state: State, evidence: Evidence, rules: Rules, now: float) -> tuple[Gate, ...]:
    """All of them, in the order in which they are told."""
    return tuple(_gates(state, evidence, rules, now))


def _gates(state: State, evidence: Evidence, rules: Rules, now: float) -> Iterator[Gate]:
    needed, room = enough(state, rules), max(state.room, evidence.begun)
    yield Gate(
        GateName.STARTED,
        evidence.started >= needed,
        f"{evidence.started} of {room} started ({needed} are enough){_never(evidence)}",
    )
    yield Gate(
        GateName.RAN,
        evidence.proven >= needed,
        f"{evidence.proven} of {max(needed, evidence.started)} ran {span(rules.ran_for_s)} or ended well",
    )
    yield _failures(evidence, rules)
    yield _wait(evidence, rules)
    yield Gate(GateName.PUSH_BACK, evidence.refused is None, evidence.refused or "the site takes its pilots")
    yield Gate(GateName.CONTACT, evidence.blind is None, evidence.blind or "it is known how they are")
    rests = state.rests_until - now
    said = f"it rests for another {span(rests)}" if rests > 0 else "no fall of late"
    yield Gate(GateName.REST, rests <= 0, said)


def _never(evidence: Evidence) -> str:
    if not evidence.never:
        return ""
    one = evidence.never == 1
    whose = (
        "1 never starts as it is and keeps a place"
        if one
        else (f"{evidence.never} never start as they are and keep places")
    )
    return f"; {whose}: see `hosted-ce why` of those that wait"


def _failures(evidence: Evidence, rules: Rules) -> Gate:
    failed, judged = evidence.failures, evidence.judged
    how = f" ({classes(evidence.failed)})" if failed else ""
    most = allowed(judged, rules.failures)
    said = f"failures {failed} of {judged}{how}"
    if failed > most:
        said += f", at most {most} may fail ({percent(rules.failures)}, and always one)"
    return Gate(GateName.FAILURES, failed <= most, said)


def _wait(evidence: Evidence, rules: Rules) -> Gate:
    most = int((1 - rules.started) * evidence.begun + _ROUNDING)
    said = "wait " + ("not known yet" if evidence.wait_s is None else span(evidence.wait_s))
    if evidence.late:
        said += f", {evidence.late} of {evidence.begun} for longer than {span(rules.queue_wait_s)}"
    return Gate(GateName.WAIT, evidence.late <= most, said)
