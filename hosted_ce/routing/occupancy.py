"""Who is at the site, counted from what we intend and not from listings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hosted_ce.routing.limits import Usage
from hosted_ce.routing.throttle import Recent


@dataclass(frozen=True, slots=True)
class Occupied:
    """The pilots of one route, cluster and VO that are at the site or may be."""

    route: str
    cluster: str
    vo: str
    usage: Usage


@dataclass(slots=True)
class Occupancy:
    """How many pilots each route, each cluster, and each VO on a route has at the site.

    Whoever begins an attempt says so with `take`, before the next decision: so limits hold exactly.
    """

    routes: dict[str, Usage] = field(default_factory=dict)
    clusters: dict[str, Usage] = field(default_factory=dict)
    vos: dict[tuple[str, str], Usage] = field(default_factory=dict)
    recent: dict[str, Recent] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Occupied]) -> Occupancy:
        """The occupancy that these add up to."""
        counted = cls()
        for row in rows:
            counted._add(row)
        return counted

    def take(self, route: str, cluster: str, vo: str, cores: int, *, test: bool = False) -> None:
        """One more attempt was begun: its pilot counts as waiting. `test`: it is a test pilot or a check."""
        used = Usage(pilots=1, idle=1, cores=cores, submits=1, tests=int(test))
        self._add(Occupied(route, cluster, vo, used))
        before = self.recent_of(route)
        self.recent[route] = replace(before, begun=before.begun + 1)

    def of_route(self, route: str) -> Usage:
        """Of all its pilots."""
        return self.routes.get(route, Usage())

    def of_cluster(self, cluster: str) -> Usage:
        """Of all pilots there, also of routes that the site file no longer has."""
        return self.clusters.get(cluster, Usage())

    def recent_of(self, route: str) -> Recent:
        """What became of its attempts of late."""
        return self.recent.get(route, Recent())

    def of_vo(self, route: str, vo: str) -> Usage:
        """Of the VO's pilots on the route."""
        return self.vos.get((route, vo), Usage())

    def _add(self, row: Occupied) -> None:
        self.routes[row.route] = self.of_route(row.route) + row.usage
        self.clusters[row.cluster] = self.of_cluster(row.cluster) + row.usage
        self.vos[row.route, row.vo] = self.of_vo(row.route, row.vo) + row.usage


def vo_of(attributes: Mapping[str, object], vos: Mapping[str, str], account: str | None) -> str:
    """The VO of a pilot: that of its X.509 proxy, or of its token's issuer as `vos` has it, else its account.

    "unknown" where none of these is there.
    """
    proxys, issuer = attributes.get("x509UserProxyVOName"), attributes.get("AuthTokenIssuer")
    if isinstance(proxys, str) and proxys:
        return proxys
    named = vos.get(issuer) if isinstance(issuer, str) else None
    return named or account or "unknown"
