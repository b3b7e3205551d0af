"""Compiles routes of both languages into the one form that is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.routing.classad import ExpressionError
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.router import Router
from hosted_ce.routing.htcondor.routes import GRID
from hosted_ce.routing.htcondor.routes import Route as Program
from hosted_ce.routing.htcondor.steps import Program as Steps
from hosted_ce.routing.htcondor.steps import Requirements
from hosted_ce.routing.limits import Caps, Limits
from hosted_ce.routing.request import Expr, Request, steps_of
from hosted_ce.routing.route import Language, Route
from hosted_ce.routing.site_chain import site_chain


def check_expression(text: str) -> str | None:
    """What is wrong with an expression of a site file; None when nothing is."""
    try:
        expression = whole(text)
    except ExpressionError as error:
        return str(error)
    return f"`{expression.ignored}` is too much behind it" if expression.ignored else None


def site_route(
    name: str,
    cluster: str,
    *,
    limits: Limits | None = None,
    request: Request | None = None,
    when: str | None = None,
    falls_through: bool = False,
    extra: tuple[str | Expr, ...] = (),
    base_environment: Mapping[str, str] | None = None,
    environment: Mapping[str, str | Expr] | None = None,
    prologue: str | None = None,
) -> Route:
    """A route of a site file. Raises ExpressionError when `when` is none."""
    place = Place(f"route {name}", 0)
    wanted = None if when is None else Requirements(place, when, whole(when))
    program = Program(
        program=Steps(name, place, wanted, GRID, steps_of(request or Request(), place)),
        max_jobs=0, max_idle=0, failure_rate=0.0, universe=GRID, grid_resource="batch", sandboxed="",
    )  # fmt: skip
    return Route(
        name=name,
        cluster=cluster,
        limits=limits or Limits(),
        router=site_chain(),
        program=program,
        falls_through=falls_through,
        extra=extra,
        base_environment=base_environment or {},
        environment=environment or {},
        prologue=prologue,
    )


def htcondor_routes(
    router: Router,
    cluster_of: Callable[[str], str],
    submits: int | None,
    environment_at: Callable[[str], Mapping[str, str]],
) -> list[Route]:
    """The routes of an HTCondor-CE, with the limits that they have there. A full one falls through, as there.

    `cluster_of` gives the cluster of a route by its name; `submits` are those a minute that each may have;
    `environment_at` is what pilots find at a cluster unless they bring their own.
    """
    return [
        Route(
            name=program.name,
            cluster=cluster_of(program.name),
            limits=Limits(
                Caps(pilots=max(program.max_jobs, 0), idle=max(program.max_idle, 0)),
                submits,
                failure_rate=program.failure_rate,
            ),
            router=router,
            program=program,
            language=Language.HTCONDOR,
            falls_through=True,
            base_environment=environment_at(cluster_of(program.name)),
        )
        for program in router.routes
    ]
