"""The site file as routing knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from hosted_ce.api.views import RefusedView, RouteView
from hosted_ce.engine.pushback import Refused
from hosted_ce.redaction import redacted
from hosted_ce.routing import limits, request
from hosted_ce.routing.compile import htcondor_routes, site_route
from hosted_ce.routing.htcondor.config import Config
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import load_router
from hosted_ce.routing.limits import MINUTE_S, OTHERS, Usage
from hosted_ce.routing.model import ClusterRules
from hosted_ce.routing.route import Route, Table
from hosted_ce.site import BadValue, Caps, Cluster, Formula, HtcondorRoutes, Limits, Request, SiteFile, Window
from hosted_ce.site import Route as Entry
from hosted_ce.site.batch import BATCH_SYSTEMS
from hosted_ce.site.text import check_directive_line
from hosted_ce.site.times import DAYS, time_of

T = TypeVar("T")


class RoutesUnusable(Exception):
    """Routes of HTCondor-CE's files cannot be used; the text has a line for each reason, with its place."""


def table_of(site: SiteFile, folder: Path) -> Table:
    """All that routing goes by. `folder` is the site file's. Raises RoutesUnusable."""
    routes = tuple(route for entry in site.routes for route in _routes_of(site, entry, folder))
    _check_names(routes)
    return Table(
        routes=routes,
        clusters={name: _rules(cluster) for name, cluster in site.clusters.items()},
        vos={issuer.issuer: issuer.vo for issuer in site.issuers if issuer.vo is not None},
    )


def base_environment(site: SiteFile, cluster: Cluster) -> Mapping[str, str]:
    """What each pilot at this cluster finds unless it brings its own, in the names of OSG and HTCondor-CE."""
    known = {
        "CONDORCE_COLLECTOR_HOST": _collector(site),
        "OSG_SQUID_LOCATION": cluster.squid,
        "OSG_WN_TMP": cluster.scratch,
    }
    return {name: value for name, value in known.items() if value is not None}


def htcondor_config(routes: HtcondorRoutes, folder: Path, base: Mapping[str, str]) -> Config:
    """HTCondor-CE's files, read behind its defaults. Raises RoutesUnusable."""
    texts = [(str(folder / path), _text(folder / path)) for path in routes.files]
    return read_config([ce_defaults(), *texts], base)


def route_view(
    route: Route, usage: Usage, caps: limits.Caps, refused: Refused | None, ramp: limits.Admission | None
) -> RouteView:
    """A route as the API shows it; `caps` are those in force."""
    shown = _refused(refused) if refused else None
    return RouteView(route.name, route.cluster, route.when, caps, usage, shown, ramp)


def _routes_of(site: SiteFile, entry: Entry, folder: Path) -> Iterator[Route]:
    if entry.htcondor is not None:
        yield from _of_htcondor(site, entry, entry.htcondor, folder)
        return
    yield site_route(
        entry.name,
        site.cluster_name_of(entry),
        limits=_limits(entry.limits),
        request=_request(entry.request),
        when=entry.when,
        falls_through=entry.if_full == "next",
        extra=tuple(_value(item) for item in entry.request.extra),
        base_environment=base_environment(site, site.cluster_of(entry)),
        environment={name: _value(value) for name, value in entry.request.environment.items()},
        prologue=entry.request.prologue,
    )


def _of_htcondor(site: SiteFile, entry: Entry, written: HtcondorRoutes, folder: Path) -> list[Route]:
    collector = _collector(site)
    config = htcondor_config(written, folder, {"collector_host": collector} if collector else {})
    loading = load_router(config)
    faults = [finding for finding in (*config.findings, *loading.findings) if finding.severity == "error"]
    if loading.router is None or faults:
        lines = [finding.describe() for finding in faults] or ["there is no JOB_ROUTER_ROUTE_NAMES"]
        raise RoutesUnusable("\n".join(lines))
    own = site.cluster_name_of(entry)
    routes = htcondor_routes(
        loading.router,
        lambda name: written.clusters.get(name, own),
        entry.limits.submits_per_minute,
        lambda cluster: base_environment(site, site.clusters[cluster]),
    )
    return [replace(route, entry=entry.name) for route in routes]


def _check_names(routes: tuple[Route, ...]) -> None:
    names = [route.name for route in routes]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise RoutesUnusable(f"more than one route is called {', '.join(doubled)}; give each its own name")


def _collector(site: SiteFile) -> str | None:
    return f"{site.front_door.host}:{site.front_door.port}" if site.front_door else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise RoutesUnusable(f"{path} cannot be read: {error.strerror}") from error


def _rules(cluster: Cluster) -> ClusterRules:
    rules = BATCH_SYSTEMS[cluster.batch]
    return ClusterRules(
        cluster.account,
        _caps(cluster.limits),
        check_extra=_checker(rules.check_directive),
        check_computed=_checker(rules.check_computed),
    )


def _checker(check_directive: Callable[[str], str]) -> Callable[[str], str | None]:
    """Says what is wrong with a directive; None: nothing."""

    def check(text: str) -> str | None:
        try:
            check_directive(check_directive_line(text))
        except BadValue as error:
            return error.message
        return None

    return check


def _refused(one: Refused) -> RefusedView:
    return RefusedView(one.kind.value, redacted(one.said), one.since, one.until, one.times)


def _caps(caps: Caps) -> limits.Caps:
    return limits.Caps(caps.pilots, caps.idle, caps.running, caps.cores)


def _limits(written: Limits) -> limits.Limits:
    return limits.Limits(
        caps=_caps(written),
        submits=written.submits_per_minute,
        per_vo={OTHERS if vo == "*" else vo: _caps(caps) for vo, caps in written.per_vo.items()},
        windows=tuple(_window(window) for window in written.windows),
        failure_rate=None if written.failures_per_minute is None else written.failures_per_minute / MINUTE_S,
    )


def _window(written: Window) -> limits.Window:
    days = frozenset(DAYS.index(day) for day in written.days)
    zone = ZoneInfo(written.timezone)
    return limits.Window(days, time_of(written.begin), time_of(written.end), zone, _caps(written))


def _request(asked: Request) -> request.Request:
    return request.Request(
        cpus=_value(asked.cpus),
        memory_mb=_value(asked.memory),
        walltime_s=_value(asked.walltime),
        queue=_value(asked.queue),
        account=_value(asked.account),
        qos=_value(asked.qos),
        gpus=_value(asked.gpus),
        gpu_type=_value(asked.gpu_type),
        whole_node=_value(asked.whole_node),
        constraint=_value(asked.constraint),
        reservation=_value(asked.reservation),
    )


def _value(written: T | Formula) -> T | request.Expr:
    return request.Expr(written.text) if isinstance(written, Formula) else written
