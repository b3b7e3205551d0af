"""Decisions in the words of explanations. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bosco.gateway import Rendered
from hosted_ce.api.ports.explaining import JobView, LimitsView, TrialOutcome, TrialView, Whose
from hosted_ce.pilots.pilot import Attempt
from hosted_ce.routing.limits import Caps
from hosted_ce.routing.model import ClusterRules, Decision, Trial
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.route import Route, Table

NO_CAPS = Caps()
SCRIPT, DESCRIPTION = "job.sh", "job.sub"
"""The batch script, and HTCondor's submit description."""
_DIRECTIVE = re.compile(r"#[A-Za-z]")


def waited_for(decision: Decision, table: Table) -> Route | None:
    """The first route that would take the pilot had it room; None when one takes it, or none would."""
    if decision.route is not None:
        return None
    return next((table.named(trial.route) for trial in decision.trials if trial.full), None)


def trials_of(decision: Decision, table: Table, occupancy: Occupancy, now: float) -> tuple[TrialView, ...]:
    """Every route of the table, in its order, and what became of it."""
    tried = {trial.route: trial for trial in decision.trials}
    return tuple(
        _trial(route, tried.get(route.name), tuple(_limits(route, decision.vo, table, occupancy, now)))
        for route in table.routes
    )


def _trial(route: Route, trial: Trial | None, limits: tuple[LimitsView, ...]) -> TrialView:
    outcome, obstacle = _outcome(trial), trial.obstacle if trial else None
    shown = limits if trial else ()
    return TrialView(route.name, route.language.value, route.cluster, route.when, outcome, obstacle, shown)


def _outcome(trial: Trial | None) -> TrialOutcome:
    if trial is None:
        return TrialOutcome.NOT_TRIED
    if trial.obstacle is None:
        return TrialOutcome.TAKEN
    if trial.full:
        return TrialOutcome.FULL
    return TrialOutcome.FAILED if trial.failed else TrialOutcome.NO


def _limits(route: Route, vo: str, table: Table, occupancy: Occupancy, now: float) -> Iterator[LimitsView]:
    limits, rules = route.limits, table.clusters.get(route.cluster, ClusterRules())
    if ramp := table.ramps.get(route.name):
        used = occupancy.of_route(route.name)
        work = replace(used, pilots=used.pilots - used.tests)
        yield LimitsView(Whose.RAMP, route.name, Caps(pilots=ramp.cap), None, work)
    yield LimitsView(Whose.ROUTE, route.name, limits.at(now), limits.submits, occupancy.of_route(route.name))
    if (caps := limits.of_vo(vo)) != NO_CAPS:
        yield LimitsView(Whose.VO, vo, caps, None, occupancy.of_vo(route.name, vo))
    if rules.caps != NO_CAPS:
        yield LimitsView(Whose.CLUSTER, route.cluster, rules.caps, None, occupancy.of_cluster(route.cluster))


def job_view(attempt: Attempt, made: Rendered) -> JobView:
    """The batch job of an attempt; number 0 is one that was not begun."""
    return JobView(
        route=attempt.route,
        cluster=attempt.cluster,
        attempt=attempt.number or None,
        stamp=attempt.stamp,
        ask=attempt.request,
        folder=made.folder,
        argv=made.argv,
        script=_script(made.files),
        directives=_directives(made.files),
    )


def _script(files: Mapping[str, bytes]) -> bytes:
    """The batch script. Where the site is asked which one fits, as with PBS, the first of them."""
    return files.get(SCRIPT) or next(iter(files.values()))


def _directives(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """What is for the batch system. Behind it are the shell's lines, with the pilot's texts."""
    if description := files.get(DESCRIPTION):
        return tuple(description.decode("utf-8", "replace").splitlines())
    found: list[str] = []
    for line in _script(files).decode("utf-8", "replace").split("\n")[1:]:
        if not _DIRECTIVE.match(line):
            break
        found.append(line)
    return tuple(found)
