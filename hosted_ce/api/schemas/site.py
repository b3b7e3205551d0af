"""The site as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import BaseModel, Field

from hosted_ce.api.ports.site_files import SiteFileView
from hosted_ce.api.schemas.entries import PendingOut, pending_out
from hosted_ce.api.schemas.incidents import IncidentOut, incidents_out
from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.api.views import ClusterView, Contact, FrontDoorView, RouteView, SiteView
from hosted_ce.capabilities.finding import Weight
from hosted_ce.health.judge import Word
from hosted_ce.health.pressure import Pressure
from hosted_ce.incidents.incident import Incident
from hosted_ce.store.entries import Pending


class FindingOut(BaseModel):
    """Something about the site that somebody should know."""

    id: str = Field(description="Its kind.", examples=["walltime-above"])
    weight: Weight = Field(description="problem: pilots are refused, wait for ever or fail; or warning.")
    said: str = Field(
        description="What was found.",
        examples=["route default asks for 72h, and queue batch gives 24h at most"],
    )
    todo: str = Field(description="What to do.")
    route: str | None = Field(description="The route that it is about; null: all.")


class ClusterOut(BaseModel):
    """A cluster, and whether we can talk to it."""

    name: str
    batch: str = Field(description="The batch system.", examples=["slurm"])
    logins: list[str] = Field(description="The login nodes, in the order in which they are tried.")
    account: str = Field(description="Our Unix account there.")
    contact: Contact
    since: Timestamp | None = Field(description="Since when the contact is what it is.")
    problem: str | None
    listed_at: Timestamp | None = Field(description="When our jobs there were listed last, completely.")
    submitting: bool = Field(description="Whether pilots are submitted now.")
    closed_reason: str | None = Field(description="Why not.")
    state: str = Field(
        description="How it is doing: paused, auth_refused, down, connecting, degraded, or ready.",
        examples=["ready"],
    )
    state_since: Timestamp | None
    state_reason: str | None
    window: int = Field(description="How many submits may be under way there now; it grows after trouble.")
    overdue: int = Field(description="Pilots that have been in doubt for too long: settle them by hand.")
    probed_at: Timestamp | None = Field(description="When the site was asked last what it is.")
    findings: list[FindingOut] = Field(description="What is wrong with what it said, problems first.")


class LimitsOut(BaseModel):
    """The limits of a route that are in force now. Null: none."""

    pilots: int | None = Field(description="Most pilots, waiting and running together.")
    idle: int | None = Field(description="Most pilots that wait in the site's queue.")
    running: int | None = Field(description="Most pilots that run, or wait and may start at any time.")
    cores: int | None = Field(description="Most cores that its pilots ask for.")


class UsageOut(BaseModel):
    """The pilots of a route that are at the site, or may be."""

    pilots: int = Field(description="Waiting or running.")
    idle: int = Field(description="Those that wait.")
    cores: int = Field(description="The cores that they asked for.")
    submits: int = Field(description="How many were begun within the last minute.")
    tests: int = Field(description="Those of all that are test pilots and checks.")


class RefusedOut(BaseModel):
    """That the site refused the last pilot of a route; what it said."""

    kind: str = Field(description="limit, permanent, or transient.", examples=["limit"])
    said: str
    since: Timestamp
    until: Timestamp = Field(description="When the next one is tried.")
    times: int = Field(description="How many in a row.")


class AdmissionOut(BaseModel):
    """How many pilots a route's ramp admits; GET /api/v1/ramps has more."""

    cap: int = Field(description="Now.")
    target: int = Field(description="In the end.")


class RouteOut(BaseModel):
    """A route, its limits, and how much of them is used."""

    name: str
    cluster: str
    when: str | None = Field(description="The ClassAd expression that picks pilots; null: every pilot.")
    limits: LimitsOut
    usage: UsageOut
    full: str | None = Field(
        description="Why there is no room for one more pilot of one core; null: there is room.",
        examples=["100 of its 100 pilots are at the site"],
    )
    refused: RefusedOut | None = Field(description="Null while the site takes its pilots.")
    ramp: AdmissionOut | None = Field(description="How far its ramp is; null: it has none.")


class FrontDoorOut(BaseModel):
    """The factory's door."""

    address: str = Field(description="Where factories send pilots.", examples=["ce.example.edu:9619"])
    in_contact: bool | None = Field(description="Whether its schedd answers; null before it was asked.")
    since: Timestamp | None = Field(description="Since when it does, or does not.")
    problem: str | None = Field(description="What is wrong, and what to do.")
    looked_at: Timestamp | None = Field(description="When its queue was looked at last.")
    jobs: int = Field(description="Jobs of ours in its queue.")


class SiteFileOut(BaseModel):
    """The site file in force, and why what the file says now is not."""

    path: str
    sha256: str = Field(description="Of the text that is in force.")
    loaded_at: Timestamp
    problems: list[str] = Field(
        description="Why what the file says now is not in force, with file, line and column; empty: it is."
    )
    failed_at: Timestamp | None = Field(description="Since when it is not.")
    to_do: list[str] = Field(description="What the last change left for the operator to do.")


class HealthReasonOut(BaseModel):
    """Why the CE is not good."""

    word: Word = Field(description="What this alone makes it: fair, or poor.")
    said: str = Field(examples=["cluster main cannot be reached: no route to host"])
    todo: str = Field(description="What to do.")


class HealthOut(BaseModel):
    """How the CE is doing, by the rules of the CE dashboard."""

    word: Word = Field(description="good, fair or poor: the worst word of its reasons.")
    reasons: list[HealthReasonOut] = Field(description="The worst first; empty when it is good.")


class ActivityOut(BaseModel):
    """Whether pilots come, and run: the words of the weekly report of hosted CEs."""

    word: Pressure = Field(description="production, no_pressure or broken.")
    reason: str


class ExpiryOut(BaseModel):
    """Something that is valid until a time, and not longer."""

    kind: str = Field(examples=["host certificate"])
    path: str
    until: Timestamp


class SiteOut(BaseModel):
    """The site that this CE serves."""

    name: str
    resource: str
    file: SiteFileOut | None = Field(description="Where that is written.")
    front_door: FrontDoorOut | None = Field(description="The factory's door; null: the site has none.")
    clusters: list[ClusterOut]
    routes: list[RouteOut]
    health: HealthOut | None = Field(description="Null in the first seconds after the start.")
    activity: ActivityOut | None = Field(description="Null in the first seconds after the start.")
    expiries: list[ExpiryOut] = Field(description="Certificates and tokens that have an end.")
    incidents: list[IncidentOut] = Field(description="Outages that last, the newest first.")
    pending: list[PendingOut] = Field(
        description="What the batch systems say of the pilots in their queues, the most frequent first."
    )


def site_out(
    site: SiteView, pending: Sequence[Pending], incidents: Sequence[Incident], now: float
) -> SiteOut:
    """The site as JSON, with outages that last."""
    routes = [_route_out(route) for route in site.routes]
    clusters = [cluster_out(cluster) for cluster in site.clusters]
    door = _door_out(site.front_door) if site.front_door else None
    file = _file_out(site.file) if site.file else None
    return SiteOut(
        name=site.name,
        resource=site.resource,
        file=file,
        front_door=door,
        clusters=clusters,
        routes=routes,
        health=HealthOut.model_validate(asdict(site.health)) if site.health else None,
        activity=ActivityOut.model_validate(asdict(site.activity)) if site.activity else None,
        expiries=[ExpiryOut(kind=one.kind, path=one.path, until=rfc3339(one.until)) for one in site.expiries],
        incidents=incidents_out(incidents, now).incidents,
        pending=[pending_out(each) for each in pending],
    )


def _file_out(file: SiteFileView) -> SiteFileOut:
    return SiteFileOut(
        path=file.path,
        sha256=file.sha256,
        loaded_at=rfc3339(file.loaded_at),
        problems=list(file.problems),
        failed_at=rfc3339_or_none(file.failed_at),
        to_do=list(file.chores),
    )


def _door_out(door: FrontDoorView) -> FrontDoorOut:
    times = {"since": rfc3339_or_none(door.since), "looked_at": rfc3339_or_none(door.looked_at)}
    return FrontDoorOut.model_validate(asdict(door) | times)


def cluster_out(cluster: ClusterView) -> ClusterOut:
    """A cluster as JSON."""
    times = {
        name: rfc3339_or_none(getattr(cluster, name))
        for name in ("since", "listed_at", "state_since", "probed_at")
    }  # fmt: skip
    return ClusterOut.model_validate(asdict(cluster) | times)


def _route_out(route: RouteView) -> RouteOut:
    refused = asdict(route.refused) if route.refused else None
    if route.refused and refused:
        refused |= {"since": rfc3339(route.refused.since), "until": rfc3339(route.refused.until)}
    return RouteOut.model_validate(asdict(route) | {"refused": refused, "full": route.full})
