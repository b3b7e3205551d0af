"""A route as it is run: of either language, in the one compiled form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hosted_ce.routing.htcondor.router import Router
from hosted_ce.routing.htcondor.routes import Route as Program
from hosted_ce.routing.limits import Admission, Limits
from hosted_ce.routing.model import ClusterRules
from hosted_ce.routing.request import Expr


class Language(StrEnum):
    """In which language a route was written."""

    SITE = "site"
    HTCONDOR = "htcondor"


@dataclass(frozen=True, slots=True)
class Route:
    """One route: which pilots it takes, what it makes of them, and how many.

    `router` has the transforms before and behind `program`. A pilot that matches a full route waits for it,
    unless the route `falls_through`.
    """

    name: str
    cluster: str
    limits: Limits
    router: Router
    program: Program
    language: Language = Language.SITE
    falls_through: bool = False
    extra: tuple[str | Expr, ...] = ()
    """Further directives, one option each."""
    base_environment: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str | Expr] = field(default_factory=dict)
    prologue: str | None = None
    entry: str | None = None
    """The site file's entry that it is from; None: the one with its name."""

    @property
    def when(self) -> str | None:
        """The condition, as written; None: it takes every pilot."""
        wanted = self.program.program.requirements
        return None if wanted is None else wanted.text


@dataclass(frozen=True, slots=True)
class Table:
    """All that routing goes by: routes in order, clusters, the issuers' VOs, and where ramps are now."""

    routes: tuple[Route, ...]
    clusters: Mapping[str, ClusterRules] = field(default_factory=dict)
    vos: Mapping[str, str] = field(default_factory=dict)
    ramps: Mapping[str, Admission] = field(default_factory=dict)
    """How far the ramps of routes that have one are now, by the routes' names."""

    def named(self, name: str) -> Route | None:
        """The route of that name."""
        return next((route for route in self.routes if route.name == name), None)
