"""What a route makes of a pilot; and the same for others that are like it, without making it again.

A factory sends hundreds of pilots that ask for the same. Pure, where nothing that is asked for is random.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hosted_ce.routing.asking import ask_of
from hosted_ce.routing.classad import Ad
from hosted_ce.routing.clauses import obstacle_in
from hosted_ce.routing.evaluating import BadAsk
from hosted_ce.routing.htcondor.matching import matches
from hosted_ce.routing.htcondor.router import route_ad
from hosted_ce.routing.htcondor.run import TransformFailed
from hosted_ce.routing.model import Ask, ClusterRules
from hosted_ce.routing.pilot_ad import pilot_ad
from hosted_ce.routing.route import Language, Route, Table

NO_RULES = ClusterRules()
_RANDOM = "random"
MOST_KNOWN = 1000
"""So many that differ are kept; each takes some 4 kB while a look lasts."""


@dataclass(frozen=True, slots=True)
class Routed:
    """What a route makes of a pilot: the routed job's ad, what is asked for it, and steps passed over."""

    ad: Ad
    ask: Ask
    notes: tuple[str, ...]


class CannotRoute(Exception):
    """The route matches the pilot, and cannot make a job of it; the text says why."""


def routed(
    route: Route,
    attributes: Mapping[str, Any],
    table: Table,
    *,
    account: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Routed:
    """What the route would make of the pilot, whether it matches and has room or not. Raises CannotRoute."""
    return Applicant(attributes, account, environment or {}, table).routed(route)


@dataclass
class Applicant:
    """A pilot before the routes of a table. What one makes of it is made once."""

    attributes: Mapping[str, Any]
    account: str | None
    environment: Mapping[str, str]
    table: Table
    _obstacles: dict[str, str | None] = field(default_factory=dict)
    _made: dict[str, Routed | CannotRoute] = field(default_factory=dict)

    @cached_property
    def ad(self) -> Ad:
        """What routes look at."""
        return pilot_ad(self.attributes, self.account, self.environment)

    def obstacle(self, route: Route) -> str | None:
        """Which clauses of the route's condition are not true; None: it is."""
        if route.name not in self._obstacles:
            wanted = route.program.program.requirements
            unmet = wanted is not None and not matches(wanted, self.ad)
            self._obstacles[route.name] = obstacle_in(wanted.text, self.ad) if wanted and unmet else None
        return self._obstacles[route.name]

    def routed(self, route: Route) -> Routed:
        """What the route makes of it. Raises CannotRoute."""
        if route.name not in self._made:
            self._made[route.name] = self._make(route)
        made = self._made[route.name]
        if isinstance(made, CannotRoute):
            raise made.with_traceback(None)
        return made

    def _make(self, route: Route) -> Routed | CannotRoute:
        try:
            made = route_ad(route.router, route.program, self.ad)
            ask = ask_of(made.ad, route, self.table.clusters.get(route.cluster, NO_RULES))
        except TransformFailed as error:
            return CannotRoute(f"takes it, but cannot transform it: {error}")
        except BadAsk as error:
            return CannotRoute(f"takes it, but {error}")
        return Routed(made.ad, ask, tuple(f"{note.place}: {note.message}" for note in made.notes))


class Applicants:
    """Those of one look at the queue: pilots with equal attributes, account and environment are one.

    Not where anything may be random, which is another for each; nor for longer than a look: expressions may
    ask for the time. Of those that differ no more than MOST_KNOWN are kept.
    """

    def __init__(self) -> None:
        self._table = Table(())
        self._known: dict[str, Applicant] = {}
        self._settled: bool | None = None

    def of(
        self, attributes: Mapping[str, Any], account: str | None, environment: Mapping[str, str], table: Table
    ) -> Applicant:
        """The pilot, before the routes of this table."""
        if (table.routes, table.clusters) != (self._table.routes, self._table.clusters):
            self._known, self._settled = {}, None
        self._table = table
        key = json.dumps((attributes, account, environment))
        known = self._known.get(key)
        if known is None or not self._is_settled() or _RANDOM in key.lower():
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = Applicant(attributes, account, environment, table)
        return known

    def _is_settled(self) -> bool:
        if self._settled is None:
            self._settled = all(map(_is_settled, self._table.routes))
        return self._settled


def _is_settled(route: Route) -> bool:
    """Whether it surely makes the same of equal pilots: HTCondor's macros may choose at random."""
    written = repr((route.program, route.extra, route.environment))
    return route.language is Language.SITE and _RANDOM not in written.lower()
