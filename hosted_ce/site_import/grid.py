"""Where routes of HTCondor-CE send their jobs: their GridResource, as it comes out for a pilot."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.router import Router, route_ad
from hosted_ce.routing.htcondor.routes import GRID, Route
from hosted_ce.routing.htcondor.run import TransformFailed
from hosted_ce.site_import.destination import BATCH_SYSTEMS, Destination

OWNER = "owner_of_the_pilot"
"""Whose pilot routes are tried with: an account of this name at the login node is the owner's."""

_BATCH = re.compile(
    r"batch\s+(\S+)(?:\s+(?:([^\s@]+)@)?(\[?[A-Za-z0-9][A-Za-z0-9.-]*)(?::([0-9]+))?)?(?:\s|\Z)"
)
_OPTION = re.compile(r"--rgahp-(nobatchmode|pass|nologin|script)\b")


@dataclass(frozen=True, slots=True)
class RouteEnd:
    """A route, the text of its GridResource, and what that means; None where it means nothing known here."""

    route: str
    place: Place
    text: str
    destination: Destination | None

    @property
    def options(self) -> tuple[str, ...]:
        """What the text asks of the connection that a site file cannot say."""
        return tuple(_OPTION.findall(self.text))


def ends_of(router: Router) -> list[RouteEnd]:
    """The destination of each route, in their order."""
    return [_end(router, route) for route in router.routes]


def _end(router: Router, route: Route) -> RouteEnd:
    place = route.program.place
    if route.universe != GRID:
        vanilla = Destination("htcondor") if route.universe == 5 else None  # noqa: PLR2004
        return RouteEnd(route.name, place, f"universe {route.universe}", vanilla)
    text = _grid_resource(router, route)
    return RouteEnd(route.name, place, text, read_grid_resource(text))


def _grid_resource(router: Router, route: Route) -> str:
    pilot = Ad(
        {"JobUniverse": 5, "Owner": OWNER, "User": f"{OWNER}@example.edu", "ClusterId": 1, "ProcId": 0}
    )
    try:
        value = route_ad(router, route, pilot).ad.value("GridResource")
    except (TransformFailed, TooMuch):
        value = None
    return value if isinstance(value, str) else route.grid_resource


def read_grid_resource(text: str) -> Destination | None:
    """What a GridResource says; None where it is no batch system that is known here."""
    if re.match(r"condor\s", text):
        return Destination("htcondor", text.split()[1])
    found = _BATCH.match(text)
    system = BATCH_SYSTEMS.get(found[1].lower()) if found else None
    if found is None or system is None:
        return None
    account, host = found[2], found[3]
    port = int(found[4]) if found[4] and len(found[4]) <= 5 else None  # noqa: PLR2004
    return Destination(system, host, port, None if account == OWNER else account)
