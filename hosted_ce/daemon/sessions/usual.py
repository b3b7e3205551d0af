"""Pilots as factories send them, for a look at where they would go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields

from bosco.batch.facts import BatchFacts
from hosted_ce.api.ports.explaining import Explanation
from hosted_ce.capabilities.route_findings import route_findings
from hosted_ce.capabilities.wanted import RouteWants
from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.pilots.spec import FileRef, PilotSpec
from hosted_ce.routing.model import Ask

Probed = Callable[[str], BatchFacts | None]
"""What the last probe of a cluster found of its batch system, by the cluster's name; None: nothing yet."""

DAY = 24 * 60
SHAPES: Mapping[str, Mapping[str, int]] = {
    "1 core, 2 GB, 24 h": {"xcount": 1, "maxMemory": 2000, "maxWallTime": DAY},
    "8 cores, 16 GB, 72 h": {"xcount": 8, "maxMemory": 16000, "maxWallTime": 3 * DAY},
}
"""By their names; memory in MB, walltime in minutes, as factories have them."""


def spec_of(shape: Mapping[str, int]) -> PilotSpec:
    """The request of such a pilot."""
    program = FileRef(name="glidein_startup.sh", sha256="0" * 64, executable=True)
    return PilotSpec(
        executable=program.name, inputs=(program,), attributes={**shape, "RequestCpus": shape["xcount"]}
    )


def told(found: Iterable[tuple[str, Explanation]], batch: Probed = lambda _: None) -> Started:
    """Which of them a route takes: one is enough, since a site may be there for one shape alone.

    What is taken and can never start is worse than not taken: the batch systems, as far as they were probed,
    have to give what is asked for.
    """
    explained = list(found)
    above = {name: tuple(_contradictions(each, batch)) for name, each in explained}
    said = "; ".join(f"{name}: {_where(each, above[name])}" for name, each in explained)
    well = any(each.routable for _, each in explained) and not any(above.values())
    return Started(said, well, "/routes")


def _contradictions(explanation: Explanation, batch: Probed) -> Iterator[str]:
    """What the route asks for this pilot and its batch system cannot give."""
    job = explanation.job
    facts = batch(job.cluster) if job else None
    if job is None or facts is None:
        return
    ask = Ask(**{field.name: job.ask[field.name] for field in fields(Ask) if field.name in job.ask})
    for finding in route_findings(facts, RouteWants(job.route, ask)):
        yield finding.said.removeprefix(f"route {job.route} ")


def _where(explanation: Explanation, above: Iterable[str]) -> str:
    but = "".join(f", but {each}" for each in above)
    if explanation.route:
        return f"route {explanation.route} takes it{but}"
    if explanation.waits_for:
        return f"route {explanation.waits_for} takes it when there is room{but}"
    return f"no route takes it ({explanation.reason})"
