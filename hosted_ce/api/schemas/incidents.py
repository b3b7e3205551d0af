"""Outages as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, Field

from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.incidents.cause import ABOUT, Cause, Mover
from hosted_ce.incidents.incident import Incident


class IncidentOut(BaseModel):
    """An outage."""

    id: int | None = Field(description="Its number; null in the moment in which it begins.", examples=[3])
    place: str = Field(description="The cluster, or `front door`.", examples=["main"])
    cause: Cause
    title: str = Field(description="The cause in words.", examples=["The login node cannot be reached"])
    said: str = Field(description="What was seen, in the words of who said it.")
    todo: str = Field(description="What to do.")
    mover: Mover = Field(description="Whose move it is: osg, or site.")
    began_at: Timestamp = Field(description="When its first sign was seen.")
    told_at: Timestamp
    ended_at: Timestamp | None = Field(description="When it was first well again; null: it lasts.")
    seconds: float = Field(description="How long it lasted, or lasts so far.")
    pilots: int = Field(description="Pilots there that were not over when it was told.")


class IncidentsOut(BaseModel):
    """Outages, the newest first."""

    incidents: list[IncidentOut]


def incident_out(one: Incident, now: float) -> IncidentOut:
    """An outage as JSON."""
    about = ABOUT[one.cause]
    return IncidentOut(
        id=one.id, place=one.place, cause=one.cause, title=about.title, said=one.said, todo=about.todo,
        mover=about.mover, began_at=rfc3339(one.began_at), told_at=rfc3339(one.told_at),
        ended_at=rfc3339_or_none(one.ended_at), pilots=one.pilots,
        seconds=round((now if one.ended_at is None else one.ended_at) - one.began_at, 1),
    )  # fmt: skip


def incidents_out(found: Iterable[Incident], now: float) -> IncidentsOut:
    """The newest first."""
    return IncidentsOut(incidents=[incident_out(one, now) for one in reversed(list(found))])
