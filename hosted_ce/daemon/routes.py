"""The site file's routes, as routing knows them."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.api.services import RefusedView, RouteView
from hosted_ce.engine.pushback import Refused
from hosted_ce.routing.model import Defaults, Limits, Route, Usage
from hosted_ce.site import Cluster, Request, SiteFile


def routes_of(site: SiteFile) -> tuple[Route, ...]:
    """All routes of a site file, in order."""
    return tuple(
        Route(
            name=entry.name,
            cluster=site.cluster_name_of(entry),
            limits=Limits(entry.limits.pilots, entry.limits.idle),
            account=site.cluster_of(entry).account,
            when=entry.when,
            defaults=_defaults(entry.request, base_environment(site, site.cluster_of(entry))),
        )
        for entry in site.routes
    )


def base_environment(site: SiteFile, cluster: Cluster) -> Mapping[str, str]:
    """What each pilot at this cluster finds unless it brings its own, in the names of OSG and HTCondor-CE."""
    door = site.front_door
    known = {
        "CONDORCE_COLLECTOR_HOST": f"{door.host}:{door.port}" if door else None,
        "OSG_SQUID_LOCATION": cluster.squid,
        "OSG_WN_TMP": cluster.scratch,
    }
    return {name: value for name, value in known.items() if value is not None}


def route_view(route: Route, usage: Usage, refused: Refused | None) -> RouteView:
    """A route as the API shows it."""
    shown = _refused(refused) if refused else None
    return RouteView(route.name, route.cluster, route.when, route.limits, usage, shown)


def _refused(one: Refused) -> RefusedView:
    return RefusedView(one.kind.value, one.said, one.since, one.until, one.times)


def _defaults(asked: Request, base: Mapping[str, str]) -> Defaults:
    return Defaults(
        cpus=asked.cpus,
        memory_mb=asked.memory,
        walltime_s=asked.walltime,
        queue=asked.queue,
        account=asked.account,
        qos=asked.qos,
        gpus=asked.gpus,
        whole_node=asked.whole_node,
        extra=asked.extra,
        base_environment=base,
        environment=dict(asked.environment),
    )
