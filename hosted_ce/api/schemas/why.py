"""Where a pilot is and why, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from hosted_ce.api.schemas.pilots import EventOut, event_out
from hosted_ce.api.times import Timestamp, rfc3339_or_none
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage, State
from hosted_ce.store.queries import EventRow
from hosted_ce.why.answer import Answer, Situation, Turn

LAST_EVENTS = 10


class PilotIds(BaseModel):
    """The pilot's names everywhere; null: it has none there."""

    pilot: int = Field(description="Its number at this CE.")
    factory_job: str | None = Field(description="The factory's GlobalJobId of it.")
    door_key: str | None = Field(description="The front door's own name of it.")
    attempt: int | None = Field(description="The number of the latest attempt.")
    stamp: str | None = Field(description="The batch job's name at the site.")
    batch_id: str | None = Field(description="The batch job's id at the site.")
    cluster: str | None
    route: str | None
    node: str | None


class WhyOut(BaseModel):
    """Where a pilot is, why, since when, what comes next, and whose move it is."""

    situation: Situation = Field(description="A stable name of what is the matter.")
    where: str = Field(
        description='The end of "it ...".',
        examples=["is in the site's queue: batch job 4711 at cluster main"],
    )
    why: str = Field(examples=["the batch system says PENDING: Priority"])
    since: Timestamp | None
    waits_for: str | None = Field(description="What has to come first; null: nothing.")
    next: str | None = Field(description="What happens next; null: nothing, it is over.")
    next_at: Timestamp | None = Field(description="When, at the latest or about; null: nobody can tell.")
    turn: Turn = Field(description="Whose move it is: ce, osg, site, factory, or nobody.")
    todo: str = Field(description="What to do about it.")
    notes: list[str] = Field(description="What else bears on it.")
    state: State
    stage: Stage
    ids: PilotIds
    events: list[EventOut] = Field(description=f"The last {LAST_EVENTS} events, oldest first.")


def why_out(pilot: Pilot, answer: Answer, history: Sequence[EventRow]) -> WhyOut:
    """The answer as JSON."""
    return WhyOut(
        situation=answer.situation,
        where=answer.where,
        why=answer.why,
        since=rfc3339_or_none(answer.since),
        waits_for=answer.waits_for,
        next=answer.next,
        next_at=rfc3339_or_none(answer.next_at),
        turn=answer.turn,
        todo=answer.todo,
        notes=list(answer.notes),
        state=pilot.state,
        stage=pilot.stage,
        ids=ids_of(pilot),
        events=[event_out(event) for event in history[-LAST_EVENTS:]],
    )


def ids_of(pilot: Pilot) -> PilotIds:
    """Its names everywhere."""
    attempt = pilot.attempt
    return PilotIds(
        pilot=pilot.id,
        factory_job=pilot.factory_job,
        door_key=pilot.door_key,
        attempt=attempt.number if attempt else None,
        stamp=attempt.stamp if attempt else None,
        batch_id=attempt.batch_id if attempt else None,
        cluster=attempt.cluster if attempt else None,
        route=attempt.route if attempt else None,
        node=attempt.node if attempt else None,
    )
