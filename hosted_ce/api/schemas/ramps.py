"""Ramps as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from hosted_ce.api.ports.ramps import RampView
from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.ramp.gates import GateName
from hosted_ce.ramp.outlook import Standing
from hosted_ce.ramp.state import Direction, Mode, Step, StepCause


class GateOut(BaseModel):
    """Something that has to be so before the next step."""

    name: GateName
    passed: bool
    said: str = Field(description="The numbers that it goes by.", examples=["7 of 8 started (6 are enough)"])


class WordOut(BaseModel):
    """What an operator wanted."""

    actor: str
    at: Timestamp
    reason: str | None


class SeenOut(BaseModel):
    """What became of the pilots of the level. Test pilots and checks are not among them."""

    at_site: int = Field(description="Pilots of the route that are at the site now, of whatever level.")
    begun: int = Field(description="Attempts of the level; those that ended long ago are left out.")
    queued: int = Field(description="Those that wait in the site's queue.")
    late: int = Field(description="Those that wait for too long, or started of late after they did.")
    started: int
    proven: int = Field(description="Those that ran for long enough, or ended well.")
    failed: dict[str, int] = Field(description="Those that failed, by class.", examples=[{"no_cvmfs": 2}])
    wait_s: float | None = Field(description="Mean time in the site's queue of those that started.")


class RampOut(BaseModel):
    """Where the ramp of a route stands, and what it waits for."""

    route: str
    cap: int = Field(description="How many pilots of the route may be at the site now.", examples=[8])
    target: int = Field(description="How many in the end.", examples=[100])
    start: int = Field(description="How many it began with.")
    next_cap: int = Field(description="How many when all gates are passed.", examples=[16])
    standing: Standing = Field(
        description="at_target, climbing, no_pressure, failing, resting, pushed_back, slow, blind, held, "
        "paused or pinned."
    )
    said: str = Field(description="What that means here, and what it waits for.")
    mode: Mode = Field(description="auto, paused or pinned.")
    word: WordOut | None = Field(description="Who paused or pinned it; null: nobody.")
    since: Timestamp = Field(description="When its level began.")
    rests_until: Timestamp | None = Field(description="It does not go up before; null: it does not rest.")
    held_since: Timestamp | None = Field(
        description="Since when pilots fail while it is as low as it goes; null: they do not."
    )
    gates: list[GateOut]
    evidence: SeenOut


class RampsOut(BaseModel):
    """The ramps of all routes that have one, in the order of the routes."""

    ramps: list[RampOut]


class StepOut(BaseModel):
    """Something that was done to a ramp."""

    at: Timestamp
    direction: Direction = Field(description="up, down or stay.")
    cause: StepCause
    before: int = Field(description="The cap before.")
    after: int = Field(description="The cap from then on.")
    actor: str = Field(description="Who did it; `engine`: the CE by itself.")
    reason: str
    evidence: dict[str, Any] = Field(description="The numbers that it went by.")


class StepsOut(BaseModel):
    """Steps of a route's ramp, the newest first; the last 500 are kept."""

    route: str
    steps: list[StepOut]


def ramp_out(view: RampView, now: float) -> RampOut:
    """The ramp as JSON."""
    state, rules, seen, word = view.state, view.rules, view.evidence, view.state.word
    return RampOut(
        route=view.route, cap=state.cap, target=rules.target, start=rules.floor,
        next_cap=view.outlook.next_cap, standing=view.outlook.standing, said=view.outlook.said,
        mode=state.mode, since=rfc3339(state.since),
        word=WordOut(actor=word.actor, at=rfc3339(word.at), reason=word.reason) if word else None,
        rests_until=rfc3339(state.rests_until) if state.rests_until > now else None,
        held_since=rfc3339_or_none(state.held_since),
        gates=[GateOut(name=gate.name, passed=gate.passed, said=gate.said) for gate in view.outlook.gates],
        evidence=SeenOut(
            at_site=seen.at_site, begun=seen.begun, queued=seen.queued, late=seen.late, started=seen.started,
            proven=seen.proven, failed=dict(seen.failed), wait_s=seen.wait_s,
        ),
    )  # fmt: skip


def step_out(step: Step) -> StepOut:
    """The step as JSON."""
    return StepOut(
        at=rfc3339(step.at), direction=step.direction, cause=step.cause, before=step.before,
        after=step.after, actor=step.actor, reason=step.reason, evidence=dict(step.evidence),
    )  # fmt: skip
