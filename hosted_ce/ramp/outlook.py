"""Where a ramp stands and what it waits for, in one word and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.ramp.chance import too_many
from hosted_ce.ramp.controller import after_all_gates
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.gates import COUNTED, Gate, GateName, gates
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Mode, State


class Standing(StrEnum):
    """Where it stands."""

    AT_TARGET = "at_target"
    CLIMBING = "climbing"
    """It waits for its pilots to start and to run."""
    NO_PRESSURE = "no_pressure"
    """Fewer pilots come than it admits: the ramp keeps nobody back."""
    FAILING = "failing"
    RESTING = "resting"
    PUSHED_BACK = "pushed_back"
    SLOW = "slow"
    """Pilots wait for too long in the site's queue."""
    BLIND = "blind"
    HELD = "held"
    """Pilots fail, and it is as low as it goes: somebody has to look."""
    PAUSED = "paused"
    PINNED = "pinned"


@dataclass(frozen=True, slots=True)
class Outlook:
    """One word, what it means here, the gates, and the next cap when all of them are passed."""

    standing: Standing
    said: str
    gates: tuple[Gate, ...]
    next_cap: int


_OF_GATE = {
    GateName.CONTACT: Standing.BLIND,
    GateName.FAILURES: Standing.FAILING,
    GateName.PUSH_BACK: Standing.PUSHED_BACK,
    GateName.REST: Standing.RESTING,
    GateName.WAIT: Standing.SLOW,
}
"""The first of them that is not passed is told."""


def outlook(state: State, evidence: Evidence, rules: Rules, now: float) -> Outlook:
    """As of now; changes nothing."""
    found = gates(state, evidence, rules, now)
    missing = [gate for gate in found if not gate.passed]
    standing = _standing(state, evidence, rules, missing)
    return Outlook(
        standing, _said(standing, state, evidence, rules, missing), found, _next(state, evidence, rules)
    )


def _next(state: State, evidence: Evidence, rules: Rules) -> int:
    return state.cap if state.mode is Mode.PINNED else max(state.cap, after_all_gates(state, evidence, rules))


def _standing(state: State, evidence: Evidence, rules: Rules, missing: Iterable[Gate]) -> Standing:
    if state.mode is Mode.PINNED:
        return Standing.PINNED
    if state.held_since is not None or (
        state.cap <= rules.floor and too_many(evidence.failures, evidence.tried, rules.failures)
    ):
        return Standing.HELD
    if state.mode is Mode.PAUSED:
        return Standing.PAUSED
    if state.cap >= rules.target:
        return Standing.AT_TARGET
    names = {gate.name for gate in missing}
    wrong = next((standing for name, standing in _OF_GATE.items() if name in names), None)
    if wrong:
        return wrong
    idle = names & COUNTED and evidence.at_site < state.cap and not evidence.queued
    return Standing.NO_PRESSURE if idle else Standing.CLIMBING


def _said(standing: Standing, state: State, evidence: Evidence, rules: Rules, missing: list[Gate]) -> str:
    word = state.word
    by = f" by {word.actor}" + (f": {word.reason}" if word.reason else "") if word else ""
    waits = "; ".join(gate.said for gate in missing)
    match standing:
        case Standing.PINNED:
            return f"pinned at {state.cap}{by}"
        case Standing.PAUSED:
            return f"it does not go up: paused{by}"
        case Standing.AT_TARGET:
            return f"it admits all {rules.target}"
        case Standing.HELD:
            return f"held at its start: {waits or 'pilots failed of late'}"
        case Standing.NO_PRESSURE:
            there = f"{evidence.at_site} of {state.cap} pilots are at the site"
            return f"no pressure: {there}, and the ramp keeps none back; {waits}"
        case _:
            return waits or f"the next step, to {_next(state, evidence, rules)}, comes at once"
