"""The decision: whether a route admits more pilots from now on, or fewer, and why."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import NamedTuple

from hosted_ce.ramp.chance import too_many
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.gates import COUNTED, Gate, GateName, enough, gates
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import ENGINE, Direction, Mode, State, Step, StepCause, direction_of
from hosted_ce.ramp.words import classes, percent, span

BACK = 2
"""What is left is one half: of the cap, or of what it let in if that is less."""


def begun(evidence: Evidence, rules: Rules, now: float) -> tuple[State, Step]:
    """The first level of a route that has a ramp from now on."""
    cap = rules.floor
    state = level(State(cap, now), cap, evidence, now)
    reason = f"the ramp begins: {cap} of {rules.target} pilots are admitted"
    return state, Step(now, Direction.STAY, StepCause.BEGUN, cap, cap, ENGINE, reason, evidence.numbers())


class _Look(NamedTuple):
    """What a decision is made by."""

    evidence: Evidence
    rules: Rules
    now: float


def step(state: State, evidence: Evidence, rules: Rules, now: float) -> tuple[State, Step | None]:
    """The state from now on, and what was done; None: the cap stays, and nothing is new.

    Never above the target, nor below the start by itself. Goes back also while it is paused; what is pinned
    stays, within the target.
    """
    look, state = _Look(evidence, rules, now), _no_later_than(state, rules, now)
    if made := _by_rules(state, look):
        return made
    if state.mode is Mode.PINNED:
        return replace(state, held_since=None), None
    if too_many(evidence.failures, evidence.tried, rules.failures):
        return _worse(state, look)
    found = gates(state, evidence, rules, now)
    if state.held_since is not None and _passed(found, GateName.FAILURES):
        state = replace(state, held_since=None)
    if state.mode is Mode.PAUSED or state.cap >= rules.target:
        return state, None
    return _up(state, found, look)


def level(state: State, cap: int, evidence: Evidence, now: float) -> State:
    """The same ramp at a level that begins now."""
    return replace(
        state, cap=cap, since=now, after=evidence.newest, carried=evidence.at_site, held_since=None
    )


def after_all_gates(state: State, evidence: Evidence, rules: Rules) -> int:
    """The cap of the level behind this one.

    `factor` times this one's, rounded up; less where only a few of the pilots that are there speak for it.
    """
    of_level = max(state.room, min(evidence.proven, state.cap))
    more = min((rules.factor - 1) * state.cap, rules.factor * of_level)
    return min(rules.target, state.cap + ceil(more))


def _no_later_than(state: State, rules: Rules, now: float) -> State:
    """A clock that was set back must not make it rest for years."""
    until = min(state.rests_until, now + rules.longest_rest_s)
    fell = None if state.fell_at is None else min(state.fell_at, now)
    return replace(state, since=min(state.since, now), rests_until=until, fell_at=fell)


def _by_rules(state: State, look: _Look) -> tuple[State, Step | None] | None:
    """The site file allows less, or begins with more; None: neither."""
    rules = look.rules
    least = 0 if state.mode is Mode.PINNED else rules.floor
    cap = max(least, min(state.cap, rules.target))
    if cap == state.cap:
        return None
    what = f"target is {rules.target}" if cap < state.cap else f"ramp starts at {rules.start}"
    return _to(state, cap, StepCause.RULES, f"the site file says that the {what}", look)


def _worse(state: State, look: _Look) -> tuple[State, Step | None]:
    evidence, rules = look.evidence, look.rules
    failed = (
        f"{evidence.failures} of {evidence.tried} pilots failed ({classes(evidence.failed)}), "
        f"at most {percent(rules.failures)} may"
    )
    there = min(state.cap, evidence.at_site + evidence.over)
    cap = max(rules.floor, there // BACK)
    if cap >= state.cap:
        return _held(state, failed, look)
    state = _resting(state, rules, look.now)
    reason = f"{failed}; it does not go up for {span(state.rests_until - look.now)}"
    return _to(state, cap, StepCause.FAILURES, reason, look)


def _held(state: State, failed: str, look: _Look) -> tuple[State, Step | None]:
    if state.held_since is not None:
        return state, None
    reason = f"{failed}; it stays at {state.cap}, where it began, until they run"
    return replace(state, held_since=look.now), _made(state, state.cap, StepCause.HELD, reason, look)


def _resting(state: State, rules: Rules, now: float) -> State:
    """A fall that follows another one within its rest is the same trouble; a later one makes rests longer."""
    falls = state.falls
    if now >= state.rests_until or not falls:
        known = state.fell_at is not None and now - state.fell_at < rules.memory_s
        falls = falls + 1 if known else 1
    rest = min(rules.longest_rest_s, rules.rest_s * 2 ** min(falls - 1, 10))
    return replace(state, falls=falls, fell_at=now, rests_until=now + rest)


def _up(state: State, found: tuple[Gate, ...], look: _Look) -> tuple[State, Step | None]:
    evidence, rules = look.evidence, look.rules
    missing = {gate.name for gate in found if not gate.passed}
    if not missing:
        said = ", ".join(gate.said for gate in found if gate.name in _TOLD)
        return _to(state, after_all_gates(state, evidence, rules), StepCause.PASSED, said, look)
    if missing <= COUNTED and evidence.at_site >= state.cap and evidence.settled >= evidence.at_site:
        cap = min(rules.target, evidence.at_site + rules.floor)
        said = (
            f"all {evidence.at_site} pilots at the site have run for {span(rules.ran_for_s)}, and "
            f"{evidence.proven} of them are of this level, where {enough(state, rules)} would be enough"
        )
        return _to(state, cap, StepCause.SETTLED, said, look)
    return state, None


_TOLD = frozenset({GateName.STARTED, GateName.RAN, GateName.FAILURES, GateName.WAIT})
"""Gates with numbers."""


def _passed(found: tuple[Gate, ...], name: GateName) -> bool:
    return all(gate.passed for gate in found if gate.name is name)


def _to(state: State, cap: int, cause: StepCause, reason: str, look: _Look) -> tuple[State, Step]:
    return level(state, cap, look.evidence, look.now), _made(state, cap, cause, reason, look)


def _made(state: State, cap: int, cause: StepCause, reason: str, look: _Look) -> Step:
    direction = direction_of(state.cap, cap)
    return Step(look.now, direction, cause, state.cap, cap, ENGINE, reason, look.evidence.numbers())
