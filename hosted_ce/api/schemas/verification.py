"""The verification of contributions as JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from hosted_ce.api.spreadsheets import spreadsheet_safe
from hosted_ce.api.times import Timestamp
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.catalogue import KINDS
from hosted_ce.verification.facts import Resource
from hosted_ce.verification.remnants import Remnant, Short
from hosted_ce.verification.report import RouteReport, Row

DIGITS = 2


class SpreadOut(BaseModel):
    """Of percents of the granted."""

    p10: int = Field(description="A tenth of the runs used so much or less.")
    median: int
    p90: int = Field(description="Nine tenths of the runs used so much or less.")
    runs: int = Field(description="Runs of which it is known.")


class ResourceOut(BaseModel):
    """One resource of a route: what most runs asked and got. Null: nothing, or it is not told."""

    resource: Resource = Field(description="Memory is in MB, walltime in seconds.")
    asked: int | str | None
    granted: int | str | None
    mean_asked: float | None
    mean_granted: float | None
    differing: int = Field(description="Runs that got something else than they asked for.")
    untold: int = Field(description="Runs of which the batch system does not say what they got.")
    kinds: int = Field(description="How many different pairs of asked and granted there are.")
    used: SpreadOut | None = Field(
        description="CPU time, peak memory or time of the run, in percent of the granted; null: not known."
    )


class NodeRunsOut(BaseModel):
    """Runs that ended on one node."""

    node: str
    runs: int


class EndsOut(BaseModel):
    """Runs that ended in one way."""

    what: EndClass
    runs: int
    core_hours: float = Field(description="Granted to them.")
    nodes: list[NodeRunsOut] = Field(description="The nodes with most of them; empty for normal ends.")


class RemnantOut(BaseModel):
    """What pilots of the usual shape leave of the nodes of one kind."""

    queue: str | None
    nodes: int
    cpus: int = Field(description="Of each node.")
    memory_mb: int | None
    gpus: int | None
    pilots: int = Field(description="How many fit on each; 0: none does.")
    left_cpus: int = Field(description="Cores of each that no pilot can use.")
    short: Short = Field(description="What there is too little of for one more pilot.")


class AdviceOut(BaseModel):
    """What somebody should know, and what to do."""

    id: str = Field(description="Its kind, for good.", examples=["VF-21"])
    title: str
    weight: AdviceWeight = Field(description="loss, waste or note.")
    said: str = Field(description="What was seen.")
    why: str = Field(description="Why it matters.")
    todo: str = Field(description="What to do, and whose move it is.")
    key: str | None = Field(
        description="What to change in the site file: of the route, or of its cluster.",
        examples=["request.cpus"],
    )
    runs: int
    core_hours: float = Field(description="Granted to the runs that it is about.")
    data: dict[str, Any] = Field(description="Its numbers, for programs.")


class RouteVerificationOut(BaseModel):
    """The runs of one route that ended in this time."""

    route: str
    cluster: str
    runs: int
    core_hours: float = Field(description="Granted to them.")
    never_ran: int = Field(
        description="Attempts that were over before they ran; not those that were removed."
    )
    enough: bool = Field(description="Whether they are enough to judge; if not, the rest is empty.")
    resources: list[ResourceOut]
    ends: list[EndsOut] = Field(description="The most frequent first.")
    remnants: list[RemnantOut]
    nodes_unknown: str | None = Field(description="Why nothing is said of remnants.")
    advice: list[AdviceOut] = Field(description="What is lost first, then what is wasted, then notes.")


class VerificationOut(BaseModel):
    """Asked, granted and used, by route. Tests and checks of the site are not in it."""

    since: Timestamp
    until: Timestamp
    only_pilots: str = Field(description="What these numbers cannot say.")
    routes: list[RouteVerificationOut] = Field(description="In the order of the site file.")


def route_out(one: RouteReport) -> RouteVerificationOut:
    """A route's report as JSON."""
    return RouteVerificationOut(
        route=one.route, cluster=one.cluster, runs=one.runs, core_hours=round(one.core_hours, DIGITS),
        never_ran=one.never_ran, enough=one.enough, resources=[_resource(row) for row in one.rows],
        ends=[
            EndsOut(
                what=each.what, runs=each.runs, core_hours=round(each.core_hours, DIGITS),
                nodes=[NodeRunsOut(node=node, runs=runs) for node, runs in each.nodes],
            )
            for each in one.ends
        ],
        remnants=[_remnant(each) for each in one.remnants], nodes_unknown=one.nodes_unknown,
        advice=[_advice(each) for each in one.advice],
    )  # fmt: skip


def _resource(row: Row) -> ResourceOut:
    means = {
        name: None if value is None else round(value, DIGITS)
        for name, value in (("mean_asked", row.mean_asked), ("mean_granted", row.mean_granted))
    }
    return ResourceOut.model_validate(asdict(row) | means)


def _remnant(one: Remnant) -> RemnantOut:
    nodes = one.nodes
    return RemnantOut(
        queue=nodes.queue, nodes=nodes.nodes, cpus=nodes.cpus, memory_mb=nodes.memory_mb, gpus=nodes.gpus,
        pilots=one.pilots, left_cpus=one.cores, short=one.short,
    )  # fmt: skip


def _advice(one: Advice) -> AdviceOut:
    kind, hours = KINDS[one.id], round(one.core_hours, DIGITS)
    return AdviceOut.model_validate(asdict(one) | {**kind._asdict(), "core_hours": hours})


COLUMNS = ("route", "cluster", "runs", "core_hours", "enough", "id", "weight", "said", "todo", "key")


def as_csv(routes: Iterable[RouteVerificationOut]) -> str:
    """One row for each advice, and one for a route without any (RFC 4180, titles first)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for route in routes:
        own = [getattr(route, name) for name in COLUMNS[:5]]
        rows = [[getattr(each, name) for name in COLUMNS[5:]] for each in route.advice]
        writer.writerows(map(spreadsheet_safe, [*own, *row]) for row in rows or [[None] * 5])
    return text.getvalue()
