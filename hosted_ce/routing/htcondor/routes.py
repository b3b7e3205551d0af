"""Routes as HTCondor loads them: compiled, with what they say of limits and of the batch system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hosted_ce.routing.classad import Ad, EvaluationFailed, ExpressionError, is_true
from hosted_ce.routing.htcondor.compile import compile_program
from hosted_ce.routing.htcondor.config import Config, Definition
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.macros import expand
from hosted_ce.routing.htcondor.numbers import read_integer, read_real
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.run import TransformFailed, check
from hosted_ce.routing.htcondor.scope import TransformScope
from hosted_ce.routing.htcondor.steps import Program

GRID = 9
_PREFIX = "JOB_ROUTER_ROUTE_"


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `universe` is that of the routed job; `grid_resource` is "" outside of the grid universe.

    Above `failure_rate`, in failures a second, HTCondor throttles the route. `sandboxed` is the text of an
    expression over the pilot; if it is true, HTCondor lets output remaps be.
    """

    program: Program
    max_jobs: int
    max_idle: int
    failure_rate: float
    universe: int
    grid_resource: str
    sandboxed: str

    @property
    def name(self) -> str:
        """The name in JOB_ROUTER_ROUTE_NAMES."""
        return self.program.name

    def is_sandboxed(self, ad: Ad) -> bool:
        """Whether the route's JobShouldBeSandboxed holds for a pilot."""
        try:
            return bool(self.sandboxed) and is_true(ad.evaluate(whole(self.sandboxed).tree))
        except (ExpressionError, EvaluationFailed):
            return False


class _Refused(Exception):
    def __init__(self, place: Place, code: str, message: str) -> None:
        super().__init__(message)
        self.finding = Finding(place, "error", code, message)


def load_routes(config: Config) -> tuple[list[Route], list[Finding]]:
    """The routes of JOB_ROUTER_ROUTE_NAMES in its order, without those that HTCondor would refuse."""
    routes: list[Route] = []
    findings: list[Finding] = []
    for definition in _named(config):
        try:
            routes.append(_load(definition, config))
        except _Refused as refused:
            findings.append(refused.finding)
    return routes, findings


def _named(config: Config) -> Iterator[Definition]:
    for name in config.words("JOB_ROUTER_ROUTE_NAMES"):
        definition = config.find(_PREFIX + name)
        if definition and name.lower() != "names" and definition.text.strip():
            yield Definition(name, definition.place, definition.lines)


def _load(definition: Definition, config: Config) -> Route:
    program = compile_program(definition.name, definition.place, definition.lines)
    wanted = program.requirements
    if wanted and wanted.expression is None:
        raise _Refused(wanted.place, "requirements", f"`{wanted.text}` is not a ClassAd expression")
    scope = TransformScope(config.lookup, None)
    try:
        check(program, scope)
        route = _describe(program, scope, config)
    except TransformFailed as failure:
        raise _Refused(failure.place, "route", failure.message) from failure
    except TooMuch as error:
        raise _Refused(program.place, "endless-macro", str(error)) from error
    if wanted is None and not config.get("JOB_ROUTER_SOURCE_JOB_CONSTRAINT"):
        message = "it has no REQUIREMENTS, and there is no JOB_ROUTER_SOURCE_JOB_CONSTRAINT"
        raise _Refused(program.place, "requirements", message)
    return route


def _describe(program: Program, scope: TransformScope, config: Config) -> Route:
    def text_of(name: str) -> str:
        return expand(scope.lookup(name) or "", scope)

    def limit_of(name: str, default_name: str, default: int) -> int:
        own = read_integer(text_of(name))
        return config.integer(default_name, default) if own is None else own

    failures = read_real(text_of("FailureRateThreshold"))
    universe = program.universe or read_integer(text_of("TargetUniverse"))
    universe = GRID if universe is None else universe
    return Route(
        program=program,
        max_jobs=limit_of("MaxJobs", "JOB_ROUTER_DEFAULT_MAX_JOBS_PER_ROUTE", 100),
        max_idle=limit_of("MaxIdleJobs", "JOB_ROUTER_DEFAULT_MAX_IDLE_JOBS_PER_ROUTE", 50),
        failure_rate=0.03 if failures is None else failures,
        universe=universe,
        grid_resource=_unquoted(text_of("GridResource")) if universe == GRID else "",
        sandboxed=text_of("JobShouldBeSandboxed"),
    )


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith('"') and text.endswith('"') else text
