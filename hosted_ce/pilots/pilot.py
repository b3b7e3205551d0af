"""A pilot and its attempts as they are written down, and the changes that the engine makes to them.

All times are seconds since the epoch (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State


class Outcome(StrEnum):
    """How an attempt's batch job ended."""

    EXITED = "exited"
    WALLTIME = "walltime"
    MEMORY = "memory"
    CANCELLED = "cancelled"
    NODE_FAILURE = "node_failure"
    PREEMPTED = "preempted"
    VANISHED = "vanished"
    NOT_STARTED = "not_started"
    """The job could not begin the pilot: its folder or its working directory could not be used."""


SITES_FAULT = frozenset({Outcome.CANCELLED, Outcome.NODE_FAILURE, Outcome.VANISHED, Outcome.NOT_STARTED})
"""Ends that are no doing of the pilot, if nobody here asked for them."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to run a pilot as a batch job. `stamp` is its name everywhere."""

    id: int
    pilot_id: int
    number: int
    stamp: str
    route: str
    cluster: str
    request: Mapping[str, Any]
    created_at: float
    batch_id: str | None = None
    submitted_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    node: str | None = None
    site_state: str | None = None
    site_reason: str | None = None
    outcome: Outcome | None = None
    exit_code: int | None = None
    exit_signal: int | None = None
    absences: int = 0
    """Complete listings in a row that did not have it."""
    absent_since: float | None = None
    doubt_since: float | None = None
    overdue_since: float | None = None
    """Since when the doubt lasts longer than it should: an operator was told."""
    cancel_asked_at: float | None = None
    cancels: int = 0
    stdout_bytes: int | None = None
    stderr_bytes: int | None = None
    user_cpu_s: float | None = None
    system_cpu_s: float | None = None
    peak_memory_mb: int | None = None
    granted: Mapping[str, Any] | None = None
    """What the batch system gave, in the words of `request`: cpus, memory_mb, walltime_s, gpus, queue,
    account, qos; and nodes."""
    failed: bool = False
    """Whether the site did not take it, or ended or lost it by itself: it counts against its route."""
    outcome_class: EndClass | None = None
    """Whose business its end is; None: it is not over, or no job of it ended."""
    outcome_evidence: str | None = None
    """By what the class was told, in words."""
    closed_at: float | None = None
    swept_at: float | None = None


@dataclass(frozen=True, slots=True)
class Pilot:
    """A pilot request and where it stands. `attempt` is the latest, None before the first."""

    id: int
    version: int
    state: State
    stage: Stage
    goal: Goal
    reason: str | None
    spec: Mapping[str, Any]
    door: str
    owner: str
    """Who asked for it, as the front door knows them."""
    created_at: float
    changed_at: float
    finished_at: float | None = None
    next_attempt_at: float = 0.0
    account: str | None = None
    """The account that its submitter is mapped to: only clusters with this account take it. None: any."""
    door_key: str | None = None
    """The front door's own name of it: an idempotency key, or a schedd's GlobalJobId."""
    factory_job: str | None = None
    """The factory's GlobalJobId of it."""
    door_open: bool = False
    """Whether the front door still has it in a queue of its own, which must be kept in step."""
    goal_reason: str | None = None
    """Why it is to be removed or held, in the words of who asked."""
    door_holds: int = 0
    """How many of the holds that its front door counted were dealt with."""
    hold_cause: HoldCause | None = None
    """Why it is held."""
    unroutable_since: float | None = None
    """Since when no route matches it."""
    vo: str | None = None
    """The VO that it belongs to, as of its latest attempt."""
    cores: int | None = None
    """The CPU cores that its latest attempt asked for."""
    entry: str | None = None
    """The factory's entry that it belongs to."""
    factory: str | None = None
    """The factory that sent it, in its own words."""
    purpose: Purpose = Purpose.PILOT
    attempt: Attempt | None = None

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The pilot's ClassAd attributes."""
        found: Mapping[str, Any] = self.spec.get("attributes", {})
        return found


class PilotUpdate(TypedDict, total=False):
    """Fields of a pilot that a change sets."""

    state: State
    stage: Stage
    goal: Goal
    goal_reason: str | None
    reason: str | None
    finished_at: float | None
    next_attempt_at: float
    door_open: bool
    door_holds: int
    spec: Mapping[str, Any]
    hold_cause: HoldCause | None
    unroutable_since: float | None
    vo: str
    cores: int


class AttemptUpdate(TypedDict, total=False):
    """Fields of the latest attempt that a change sets."""

    batch_id: str | None
    submitted_at: float | None
    started_at: float | None
    ended_at: float | None
    node: str | None
    site_state: str | None
    site_reason: str | None
    outcome: Outcome | None
    exit_code: int | None
    exit_signal: int | None
    absences: int
    absent_since: float | None
    doubt_since: float | None
    overdue_since: float | None
    cancel_asked_at: float | None
    cancels: int
    stdout_bytes: int | None
    stderr_bytes: int | None
    user_cpu_s: float | None
    system_cpu_s: float | None
    peak_memory_mb: int | None
    granted: Mapping[str, Any] | None
    failed: bool
    outcome_class: EndClass | None
    outcome_evidence: str | None
    closed_at: float | None
    swept_at: float | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a pilot: what, by whom, and why, in words for an operator."""

    what: str
    actor: str
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """The attempt that a change begins."""

    stamp: str
    route: str
    cluster: str
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written about one pilot, computed from its `version`; dropped if that is outdated."""

    pilot: Pilot
    update: PilotUpdate = field(default_factory=PilotUpdate)
    attempt: AttemptUpdate = field(default_factory=AttemptUpdate)
    event: Event | None = None
    begin: NewAttempt | None = None
