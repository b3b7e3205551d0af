"""A pilot's way as JSON."""

from __future__ import annotations

from pydantic import BaseModel, Field

from hosted_ce.api.schemas.why import PilotIds, ids_of
from hosted_ce.api.times import Timestamp, rfc3339_or_none
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import State
from hosted_ce.why.answer import Answer, Turn
from hosted_ce.why.trace import Ending, Progress, Trace


class HopOut(BaseModel):
    """One hop on the way from the door to a worker node and back."""

    name: str = Field(description="received, routed, submitted, began, ended, returned.")
    title: str = Field(examples=["begun on a node"])
    progress: Progress
    at: Timestamp | None
    took_s: float | None = Field(description="Seconds since the hop before it.")
    said: str | None = Field(description="What was said when it was done, or why it failed or is waited for.")


class TraceOut(BaseModel):
    """How far a pilot has come."""

    ending: Ending
    state: State
    purpose: Purpose
    ids: PilotIds
    hops: list[HopOut]
    earlier: list[str] = Field(description="Why earlier attempts came to nothing, oldest first.")
    waits_for: str | None = Field(description="What has to come first; null: nothing.")
    turn: Turn = Field(description="Whose move it is: ce, osg, site, factory, or nobody.")
    todo: str = Field(description="What to do about it.")


def trace_out(pilot: Pilot, trace: Trace, answer: Answer) -> TraceOut:
    """The trace as JSON."""
    hops = [
        HopOut(
            name=hop.name, title=hop.title, progress=hop.progress, at=rfc3339_or_none(hop.at),
            took_s=hop.took_s, said=hop.said,
        )
        for hop in trace.hops
    ]  # fmt: skip
    return TraceOut(
        ending=trace.ending, state=pilot.state, purpose=pilot.purpose, ids=ids_of(pilot), hops=hops,
        earlier=list(trace.earlier), waits_for=answer.waits_for, turn=answer.turn,
        todo=_todo(pilot, trace, answer),
    )  # fmt: skip


def _todo(pilot: Pilot, trace: Trace, answer: Answer) -> str:
    """Nobody mends a test: the next one tells."""
    if trace.ending is Ending.FAILED and not pilot.purpose.counts:
        return "mend what is said of the hop that failed, then send another test"
    return answer.todo
