"""Sees each place as incidents are told by: what the engine knows, and what pilots in queues wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bosco.errors import Refusal
from hosted_ce.api.views import Contact, FrontDoorView
from hosted_ce.daemon.checks.digest import Squids
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.incidents.incident import FRONT_DOOR
from hosted_ce.incidents.signs import ClusterSeen, RefusedRoute, Sign, Waiting, sign_of, sign_of_door
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.store.entries import Pending

LATELY_S = 2 * 3600.0
"""Ends of pilots count for so long."""


class Queues(Protocol):
    """Why pilots wait in the sites' queues; hosted_ce.store.entries.EntryQueries is the one in use."""

    async def pending(self) -> list[Pending]:
        """The most frequent reasons first."""


class Ends(Protocol):
    """How pilots ended; hosted_ce.daemon.nodes.SiteNodes is the one in use."""

    def lately(self, cluster: str, seconds: float) -> list[EndClass]:
        """Within so many seconds before now."""


class Door(Protocol):
    """The factory's door."""

    def door(self) -> FrontDoorView | None:
        """None: the site has none."""


class Sight:
    """`parts` are the clusters that are served, by name."""

    def __init__(
        self, parts: Mapping[str, ClusterPart], queues: Queues, ends: Ends, squids: Squids, door: Door
    ):
        self._parts, self._queues, self._ends, self._door = parts, queues, ends, door
        self._squids = squids

    async def signs(self) -> dict[str, Sign | None]:
        """What is seen at each place; None: nothing is known."""
        waiting = await self._queues.pending()
        found: dict[str, Sign | None] = {}
        for name, part in list(self._parts.items()):
            found[name] = sign_of(self._seen(part, waiting, await self._squids.dead(name)))
        if door := self._door.door():
            found[FRONT_DOOR] = sign_of_door(door.in_contact, door.problem)
        return found

    def _seen(self, part: ClusterPart, waiting: Sequence[Pending], squid: str | None) -> ClusterSeen:
        view = part.view()
        own = [one for one in waiting if one.cluster == part.name]
        return ClusterSeen(
            part.name,
            in_contact=None if view.contact is Contact.NOT_YET else view.contact is Contact.READY,
            error=part.contact_error,
            problem=view.problem,
            listed=view.listed_at is not None,
            refused=[
                RefusedRoute(one.route, one.kind is Refusal.LIMIT, one.times, one.said)
                for one in part.cluster.pushback.all()
            ],
            waiting=[Waiting(one.route, one.reason or one.state, one.pilots) for one in own],
            squid=squid,
            ends=self._ends.lately(part.name, LATELY_S),
        )
