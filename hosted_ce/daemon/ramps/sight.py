"""Whether the pilots of a route can be seen, and whether the site takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bosco.errors import Refusal
from hosted_ce.api.views import ClusterView, Contact
from hosted_ce.engine.ports import Clock
from hosted_ce.engine.pushback import Refused
from hosted_ce.redaction import redacted
from hosted_ce.routing.route import Table


@dataclass(frozen=True, slots=True)
class Sight:
    """When the site showed the pilots last, and why nothing is to go up. Times in seconds since the epoch."""

    looked_at: float
    refused: str | None = None
    blind: str | None = None


class Place(Protocol):
    """One cluster; hosted_ce.daemon.cluster.ClusterPart is the one in use."""

    def refused(self, route: str) -> Refused | None:
        """That the site refused the last pilot of the route; None: it takes them."""

    def view(self) -> ClusterView:
        """As the API shows it."""


class RampSight:
    """Remembers since when the site takes the pilots of each route, as long as this process runs.

    A site that was in trouble for a moment has set no limit: that is over as soon as it takes one again.
    """

    def __init__(self, table: Callable[[], Table], places: Mapping[str, Place], now: Clock):
        self._table, self._places, self._now = table, places, now
        self._refused: dict[str, tuple[float, str]] = {}

    def of(self, route: str, lately_s: float) -> Sight:
        """Of a route of the table; what the site said within the last `lately_s` seconds still counts."""
        found = self._table().named(route)
        place = self._places.get(found.cluster) if found else None
        if found is None or place is None:
            return Sight(0.0, blind="its cluster is not served")
        view = place.view()
        return Sight(view.listed_at or 0.0, self._push_back(route, place, lately_s), _blind(view))

    def _push_back(self, route: str, place: Place, lately_s: float) -> str | None:
        one = place.refused(route)
        if one and one.kind is Refusal.TRANSIENT:  # says nothing of how many the site wants
            return f"the site pushes back: {redacted(one.said)}"
        if one:
            self._refused[route] = (self._now(), redacted(one.said))
        at, said = self._refused.get(route, (float("-inf"), ""))
        return f"the site pushes back: {said}" if self._now() - at < lately_s else None


def _blind(view: ClusterView) -> str | None:
    if view.contact is not Contact.READY:
        return f"there is no contact with cluster {view.name}: {view.problem or 'it has not been asked yet'}"
    return f"the jobs at cluster {view.name} were not listed yet" if view.listed_at is None else None
