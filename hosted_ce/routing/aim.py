"""Where a test is to go, and what it asks for: a route, a node, a shape of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from hosted_ce.routing.model import Ask

if TYPE_CHECKING:  # the API knows aims, and nothing of HTCondor's libraries
    from hosted_ce.routing.route import Route


@dataclass(frozen=True, slots=True)
class Aim:
    """None: as for any pilot. What a route says of a pilot's shape does not change what is said here.

    A route that is named takes the pilot whatever its condition says; limits hold all the same.
    """

    route: str | None = None
    cluster: str | None = None
    queue: str | None = None
    node: str | None = None
    """The node that it must run on, by its name in the batch system."""
    cpus: int | None = None
    memory_mb: int | None = None
    walltime_s: int | None = None
    gpus: int | None = None

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """From what `written` gave."""
        return cls(**written)

    def written(self) -> dict[str, Any]:
        """As JSON can hold it: what is not None."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def takes(self, route: Route) -> bool:
        """Whether it may go to this route."""
        return self.route in (None, route.name) and self.cluster in (None, route.cluster)

    def shaped(self, ask: Ask) -> Ask:
        """What the route asks for, with what is said here instead."""
        own = {name: value for name, value in self.written().items() if name not in ("route", "cluster")}
        if "cpus" in own or "memory_mb" in own:
            own["whole_node"] = False
        return replace(ask, **own)


ANYWHERE = Aim()
