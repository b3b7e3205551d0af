"""The whole of HTCondor-CE's routing: which route takes a pilot, and what becomes of its ad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.compile import compile_program
from hosted_ce.routing.htcondor.config import Config
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.matching import matches
from hosted_ce.routing.htcondor.new_job import begin_job
from hosted_ce.routing.htcondor.place import Finding, Note, Place
from hosted_ce.routing.htcondor.routes import Route, load_routes
from hosted_ce.routing.htcondor.run import run
from hosted_ce.routing.htcondor.scope import TransformScope
from hosted_ce.routing.htcondor.steps import Program

_PREFIX = "JOB_ROUTER_TRANSFORM_"
_BEFORE = "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES"
_AFTER = "JOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES"
_ROUTES = "JOB_ROUTER_ROUTE_NAMES"
_CONSTRAINT = "JOB_ROUTER_SOURCE_JOB_CONSTRAINT"
_NAME = "JOB_ROUTER_NAME"
_SETTINGS = (_BEFORE, _AFTER, _ROUTES, _CONSTRAINT, _NAME)


@dataclass(frozen=True, slots=True)
class Router:
    """Routes in their order, and the transforms before and after them. `name` is JOB_ROUTER_NAME."""

    config: Config
    name: str
    constraint: str
    before: tuple[Program, ...]
    routes: tuple[Route, ...]
    after: tuple[Program, ...]


@dataclass(frozen=True, slots=True)
class Loading:
    """A router and what was found while it was loaded. None as `router`: HTCondor would route nothing."""

    router: Router | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Routed:
    """A pilot's ad after its route, and what went wrong in single steps."""

    ad: Ad
    notes: tuple[Note, ...]


def load_router(config: Config) -> Loading:
    """The router of a configuration. Never fails: what HTCondor would refuse is among the findings."""
    findings: list[Finding] = []
    try:
        before = _transforms(config, _BEFORE, findings)
        after = _transforms(config, _AFTER, findings)
        routes, refused = load_routes(config)
        constraint = config.get(_CONSTRAINT)
        names = config.get(_ROUTES)
        name = config.get(_NAME) or "jobrouter"
    except TooMuch as error:
        return Loading(None, (*findings, Finding(_endless(config), "error", "endless-macro", str(error))))
    findings += refused
    if before is None or after is None or not names:
        return Loading(None, tuple(findings))
    router = Router(config, name, constraint, tuple(before), tuple(routes), tuple(after))
    return Loading(router, tuple(findings))


def _transforms(config: Config, names: str, findings: list[Finding]) -> list[Program] | None:
    """The transforms of a list; None if HTCondor would stop all routing over one of them."""
    programs: list[Program] = []
    found = len(findings)
    for name in config.words(names):
        definition = config.find(_PREFIX + name)
        if definition is None or not definition.text:
            message = f"{_PREFIX}{name}, which {names} names, is not there or empty: nothing is routed"
            findings.append(Finding(_place_of(config, names), "error", "no-transform", message))
            continue
        program = compile_program(name, definition.place, definition.lines)
        wanted = program.requirements
        if wanted and wanted.expression is None:
            message = f"`{wanted.text}` is not a ClassAd expression: nothing is routed"
            findings.append(Finding(wanted.place, "error", "requirements", message))
        programs.append(program)
    return programs if len(findings) == found else None


def _endless(config: Config) -> Place:
    """The first of the router's settings that cannot be expanded."""
    for name in _SETTINGS:
        try:
            config.get(name)
        except TooMuch:
            return _place_of(config, name)
    return Place("", 0)


def _place_of(config: Config, name: str) -> Place:
    found = config.find(name)
    return found.place if found else Place("", 0)


def route_ad(
    router: Router,
    route: Route,
    ad: Ad,
    *,
    environment: Mapping[str, str] | None = None,
    random: Random | None = None,
) -> Routed:
    """The ad of the routed job. `ad` is the pilot's and stays as it is. Raises TransformFailed.

    `environment` is what `$ENV()` sees: nothing, unless it is given.
    """
    job = ad.copy()
    begin_job(job, route, sandboxed=route.is_sandboxed(ad))
    scope = TransformScope(router.config.lookup, job, environment or {}, random or Random())  # noqa: S311
    notes: list[Note] = []
    for program in _chain(router, route):
        if program is route.program or matches(program.requirements, job):
            notes += run(program, job, scope)
    _sign(job, ad, router, route)
    return Routed(job, tuple(notes))


def _chain(router: Router, route: Route) -> Sequence[Program]:
    return (*router.before, route.program, *router.after)


def _sign(job: Ad, ad: Ad, router: Router, route: Route) -> None:
    cluster, process = ad.value("ClusterId"), ad.value("ProcId")
    if cluster is not None and process is not None:
        job["RoutedFromJobId"] = f"{cluster}.{process}"
    job["RoutedBy"] = router.name
    job["RouteName"] = route.name
    del job["RoutedToJobId"]
