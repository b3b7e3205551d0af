"""Pilots as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from hosted_ce.api.frozen import reason_of
from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.api.views import SiteView
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.spec import FileRef
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.store.queries import EventRow

_ATTEMPT_TIMES = frozenset(
    {
        "created_at", "submitted_at", "started_at", "ended_at", "absent_since", "doubt_since",
        "overdue_since",
        "cancel_asked_at", "closed_at", "swept_at",
    }
)  # fmt: skip


class PilotOut(BaseModel):
    """A pilot and where it stands. What is not known yet is null."""

    id: int
    state: State = Field(description="HTCondor's JobStatus words, and `unknown` and `lost`.")
    stage: Stage = Field(description="Which step of its way through the CE it is at.")
    reason: str | None = Field(description="Why it is where it is.")
    goal: Goal = Field(description="What is wanted of it.")
    owner: str
    account: str | None = Field(
        description="The account that its submitter is mapped to: only clusters with it take the pilot."
    )
    door: str = Field(description="The front door that it came through.")
    door_key: str | None = Field(
        description="The front door's own name of it: an idempotency key, or the schedd's GlobalJobId."
    )
    factory_job: str | None = Field(description="The factory's GlobalJobId of it.")
    hold_cause: HoldCause | None = Field(description="Why it is held.")
    executable: str
    attributes: dict[str, Any] = Field(description="Its ClassAd attributes.")
    entry: str | None = Field(description="The factory's entry, `GlideinEntryName`.")
    factory: str | None = Field(description="The factory that sent it, `GlideinFactory`.")
    purpose: Purpose = Field(description="`pilot`: work. `test`, `check`: it only looks at the site.")
    vo: str | None = Field(description="The VO that it belongs to, as of its latest attempt.")
    cores: int | None = Field(description="The cores that its latest attempt asked for.")
    attempt_number: int | None = Field(description="Which try to run it as a batch job this is.")
    route: str | None
    cluster: str | None
    stamp: str | None = Field(description="The batch job's name at the site.")
    batch_id: str | None = Field(description="The batch job's id at the site.")
    node: str | None = Field(description="The worker nodes that it runs on.")
    outcome: Outcome | None = Field(description="How the batch job ended.")
    outcome_class: EndClass | None = Field(
        description="The class of its end, which says whose business it is; told when the outputs are here."
    )
    outcome_evidence: str | None = Field(description="By what the class was told.")
    exit_code: int | None
    exit_signal: int | None
    created_at: Timestamp
    submitted_at: Timestamp | None
    started_at: Timestamp | None
    ended_at: Timestamp | None = Field(description="When the batch job ended.")
    finished_at: Timestamp | None = Field(description="When the CE was done with it.")
    stdout_bytes: int | None = Field(description="Size of its standard output at the site.")
    stderr_bytes: int | None = Field(description="Size of its standard error at the site.")


class AttemptOut(BaseModel):
    """A try to run the pilot as a batch job."""

    number: int
    stamp: str
    route: str
    cluster: str
    request: dict[str, Any] = Field(
        description="What is asked of the site: memory in MB, walltime in seconds."
    )
    created_at: Timestamp
    batch_id: str | None
    submitted_at: Timestamp | None
    started_at: Timestamp | None
    ended_at: Timestamp | None
    node: str | None
    site_state: str | None = Field(description="The batch system's own word for its state.")
    site_reason: str | None = Field(description="The batch system's own words for why.")
    outcome: Outcome | None
    outcome_class: EndClass | None
    outcome_evidence: str | None
    exit_code: int | None
    exit_signal: int | None
    absences: int = Field(description="Complete listings in a row that did not have it.")
    absent_since: Timestamp | None
    doubt_since: Timestamp | None = Field(description="Since when it is not known whether the site took it.")
    overdue_since: Timestamp | None = Field(description="Since when that lasts longer than it should.")
    cancel_asked_at: Timestamp | None
    cancels: int = Field(description="How often the site was asked to cancel it.")
    stdout_bytes: int | None
    stderr_bytes: int | None
    user_cpu_s: float | None = Field(description="User CPU time of the pilot and its children, in seconds.")
    system_cpu_s: float | None = Field(description="Their system CPU time, in seconds.")
    peak_memory_mb: int | None = Field(
        description="The most memory that the job's control group was charged with, in MB; null where the "
        "batch system makes none."
    )
    granted: dict[str, Any] | None = Field(
        description="What the batch system allocated: cpus, memory_mb, walltime_s, gpus, nodes, queue, "
        "account, qos, as far as it says."
    )
    closed_at: Timestamp | None
    swept_at: Timestamp | None = Field(description="When its folder at the site was removed.")


class EventOut(BaseModel):
    """Something that happened to a pilot."""

    at: Timestamp
    what: str
    actor: str
    state: State = Field(description="The pilot's state after it.")
    reason: str | None
    data: dict[str, Any]


class PilotDetail(PilotOut):
    """All that there is to know about a pilot."""

    arguments: list[str]
    environment: dict[str, str]
    inputs: list[FileRef]
    changed_at: Timestamp = Field(description="When its state changed last.")
    attempt: AttemptOut | None = Field(description="The latest.")
    attempts: list[AttemptOut] = Field(description="All of them, oldest first.")
    history: list[EventOut] = Field(description="What happened to it, oldest first.")


class PilotPage(BaseModel):
    """Some pilots, newest first."""

    items: list[PilotOut]
    next_cursor: str | None = Field(description="Give it as `cursor` for those after these; null: no more.")
    matching: dict[State, int] | None = Field(
        description="How many match the filters, in each state; null: too many would have to be looked at."
    )
    counts: dict[State, int] = Field(
        description="How many pilots this CE has in each state, whatever the filters; test pilots and checks "
        "are not counted."
    )


def pilot_out(pilot: Pilot, site: Callable[[], SiteView]) -> PilotOut:
    """The pilot as it is listed."""
    return PilotOut(**_listed(pilot, site))


def pilot_detail(
    pilot: Pilot, site: Callable[[], SiteView], attempts: Sequence[Attempt], history: Sequence[EventRow]
) -> PilotDetail:
    """The pilot with everything."""
    spec = pilot.spec
    return PilotDetail(
        **_listed(pilot, site),
        arguments=spec.get("arguments", []),
        environment=spec.get("environment", {}),
        inputs=spec.get("inputs", []),
        changed_at=rfc3339(pilot.changed_at),
        attempt=_attempt_out(pilot.attempt) if pilot.attempt else None,
        attempts=[_attempt_out(attempt) for attempt in attempts],
        history=[event_out(event) for event in history],
    )


def _listed(pilot: Pilot, site: Callable[[], SiteView]) -> dict[str, Any]:
    attempt = pilot.attempt
    return {
        "id": pilot.id, "state": pilot.state, "stage": pilot.stage, "reason": reason_of(pilot, site),
        "goal": pilot.goal, "owner": pilot.owner, "account": pilot.account, "door": pilot.door,
        "door_key": pilot.door_key, "factory_job": pilot.factory_job, "hold_cause": pilot.hold_cause,
        "executable": pilot.spec.get("executable", ""), "attributes": dict(pilot.attributes),
        "entry": pilot.entry, "factory": pilot.factory, "purpose": pilot.purpose, "vo": pilot.vo,
        "cores": pilot.cores, "attempt_number": attempt.number if attempt else None,
        **{name: getattr(attempt, name, None) for name in (
            "route", "cluster", "stamp", "batch_id", "node", "outcome", "outcome_class",
            "outcome_evidence", "exit_code", "exit_signal",
            "stdout_bytes", "stderr_bytes",
        )},
        "created_at": rfc3339(pilot.created_at),
        **{name: rfc3339_or_none(getattr(attempt, name, None)) for name in (
            "submitted_at", "started_at", "ended_at",
        )},
        "finished_at": rfc3339_or_none(pilot.finished_at),
    }  # fmt: skip


def _attempt_out(attempt: Attempt) -> AttemptOut:
    values: Mapping[str, Any] = {name: getattr(attempt, name) for name in AttemptOut.model_fields}
    return AttemptOut(
        **{
            name: rfc3339_or_none(value) if name in _ATTEMPT_TIMES else value
            for name, value in values.items()
        }
    )


def event_out(event: EventRow) -> EventOut:
    """An event as JSON."""
    return EventOut(
        at=rfc3339(event.at), what=event.what, actor=event.actor, state=event.state, reason=event.reason,
        data=event.data,
    )  # fmt: skip
