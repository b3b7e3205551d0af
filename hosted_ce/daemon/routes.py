"""The site file's routes, as routing knows them."""

from __future__ import annotations

from hosted_ce.api.services import RouteView
from hosted_ce.routing.model import Defaults, Limits, Route, Usage
from hosted_ce.site import Request, SiteFile


def routes_of(site: SiteFile) -> tuple[Route, ...]:
    """All routes of a site file, in order."""
    return tuple(
        Route(
            name=entry.name,
            cluster=site.cluster_name_of(entry),
            limits=Limits(entry.limits.pilots, entry.limits.idle),
            account=site.cluster_of(entry).account,
            when=entry.when,
            defaults=_defaults(entry.request),
        )
        for entry in site.routes
    )


def route_view(route: Route, usage: Usage) -> RouteView:
    """A route as the API shows it."""
    return RouteView(route.name, route.cluster, route.when, route.limits, usage)


def _defaults(asked: Request) -> Defaults:
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
        environment=dict(asked.environment),
    )
