"""Finds what will not work as meant: every error of loading, and warnings about a file that loads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hosted_ce.site.cluster import Cluster, Hop, SshAccess
from hosted_ce.site.errors import Loc, Problem, in_file_order, is_private, quote
from hosted_ce.site.lint.door import check_door
from hosted_ce.site.lint.files import (
    check_key,
    check_known_host,
    check_known_hosts,
    check_readable,
    check_unchangeable,
)
from hosted_ce.site.lint.ramp import check_ramp
from hosted_ce.site.load import Reading, read_site
from hosted_ce.site.model import SiteFile
from hosted_ce.site.positions import Finding
from hosted_ce.site.prologue import check_syntax
from hosted_ce.site.route import Route
from hosted_ce.site.units import format_duration

ExpressionChecker = Callable[[str], str | None]
"""Says what is wrong with the syntax of a ClassAd expression, or None."""

_LONG_WALLTIME = 7 * 86_400
_LONG_POLL = 300


def lint_site(path: Path, *, check_expression: ExpressionChecker | None) -> list[Problem]:
    """All problems of the file, in the order of its lines; an empty list means that it is fit for use.

    Looks at the key and known_hosts files that the site file names, so run it where the service will run.
    Without `check_expression` the syntax of `when:` is not checked.
    """
    return lint_reading(read_site(path), path, check_expression=check_expression)


def lint_reading(
    reading: Reading, path: Path, *, check_expression: ExpressionChecker | None
) -> list[Problem]:
    """The same of a file that was read before."""
    findings = list(_expressions(reading.document.data, check_expression)) if check_expression else []
    findings += check_unchangeable((), path)
    if reading.site is not None:
        findings += _route_files(reading.site, path.parent)
        findings += [*_prologues(reading.site), *_warnings(reading.site)]
    return _placed(reading, findings)


def lint_words(reading: Reading, *, check_expression: ExpressionChecker) -> list[Problem]:
    """All errors that need no look at other files."""
    return _placed(reading, list(_expressions(reading.document.data, check_expression)))


def _placed(reading: Reading, findings: list[Finding]) -> list[Problem]:
    told = {problem.path for problem in reading.problems}
    found = [reading.document.place(finding) for finding in findings]
    return in_file_order([*reading.problems, *(problem for problem in found if problem.path not in told)])


def _expressions(data: object, check: ExpressionChecker) -> Iterator[Finding]:
    """Works on what was read and not on the model: a wrong walltime must not hide a wrong expression."""
    routes = data.get("routes") if isinstance(data, dict) else None
    for index, route in enumerate(routes if isinstance(routes, list) else []):
        for loc, text in _texts(route) if isinstance(route, dict) else ():
            if fault := check(text):
                hint = 'write it as in RequestGPUs > 0 && queue =?= "osg"'
                yield Finding(
                    ("routes", index, *loc), _no_expression(loc, text, " ".join(fault.split())), hint
                )


def _no_expression(loc: Loc, text: str, fault: str) -> str:
    if is_private(loc):  # what is said of the fault may quote it
        return "this value is not a ClassAd expression, although it begins with ="
    said = f"{quote(text)} is not a ClassAd expression"
    return said if fault.endswith("is not a ClassAd expression") else f"{said}: {fault}"


def _texts(route: dict[str, object]) -> Iterator[tuple[Loc, str]]:
    """The expressions of a route, and where they are."""
    when, request = route.get("when"), route.get("request")
    if isinstance(when, str):
        yield ("when",), when
    for loc, value in _leaves(("request",), request):
        written = value.strip() if isinstance(value, str) else ""
        if written.startswith("=") and (text := written[1:].strip()):
            yield loc, text


def _leaves(loc: Loc, value: object) -> Iterator[tuple[Loc, object]]:
    """The values of keys and lists below, and where they are."""
    match value:
        case dict():
            for key, each in value.items():
                yield from _leaves((*loc, key), each)
        case list():
            for index, each in enumerate(value):
                yield from _leaves((*loc, index), each)
        case _:
            yield loc, value


def _route_files(site: SiteFile, folder: Path) -> Iterator[Finding]:
    for index, route in enumerate(site.routes):
        for number, file in enumerate(route.htcondor.files if route.htcondor else ()):
            if not (folder / file).is_file():
                hint = "put HTCondor-CE's file there; a path without / before it goes from this file's folder"
                loc = ("routes", index, "htcondor", "files", number)
                yield Finding(loc, f"there is no file {folder / file}", hint)
            yield from check_unchangeable(("routes", index, "htcondor", "files", number), folder / file)


def _prologues(site: SiteFile) -> Iterator[Finding]:
    for index, route in enumerate(site.routes):
        if route.request.prologue:
            yield from check_syntax(("routes", index, "request", "prologue"), route.request.prologue)


def _warnings(site: SiteFile) -> Iterator[Finding]:
    used = {site.cluster_name_of(route) for route in site.routes}
    for name, cluster in site.clusters.items():
        yield from _check_cluster(("clusters", name), cluster)
        if name not in used:
            hint = "write a route for it, or take it out"
            yield Finding(("clusters", name), "no route uses this cluster", hint, "warning", at_key=True)
    yield from _hidden_routes(site.routes)
    for index, route in enumerate(site.routes):
        yield from _check_route(("routes", index), route)
    yield from check_door(site)


def _check_cluster(loc: Loc, cluster: Cluster) -> Iterator[Finding]:
    if cluster.ssh:
        yield from _check_own(loc, cluster.ssh)
        yield from check_known_hosts(loc, cluster.ssh)
        yield from check_unchangeable((*loc, "known_hosts"), cluster.ssh.known_hosts)
        for index, hop in enumerate(cluster.ssh.jump):
            if hop.key != cluster.ssh.key:
                yield from _check_own((*loc, "jump", index), hop)
            yield from check_known_host((*loc, "jump", index, "host"), hop.known_hosts, hop.host, hop.port)
            if hop.known_hosts != cluster.ssh.known_hosts:
                yield from check_unchangeable((*loc, "jump", index, "known_hosts"), hop.known_hosts)
    if cluster.batch == "slurm" and cluster.poll > _LONG_POLL:
        message = (
            f"{format_duration(cluster.poll)} is longer than Slurm keeps an ended job in squeue "
            "(MinJobAge, 300 s by default), so that only accounting could tell how jobs ended"
        )
        yield Finding((*loc, "poll"), message, "30s to 2m is usual; one listing covers all pilots", "warning")


def _check_own(loc: Loc, way: SshAccess | Hop) -> Iterator[Finding]:
    """The files by which we log in. With an agent, the key's is public."""
    if way.agent:
        yield from check_readable((*loc, "key"), way.key, "the public half of the agent's key")
    else:
        yield from check_key((*loc, "key"), way.key)
    if way.certificate:
        yield from check_readable((*loc, "certificate"), way.certificate, "the key's certificate")


def _hidden_routes(routes: tuple[Route, ...]) -> Iterator[Finding]:
    """Routes that no pilot comes to: the first one that takes every pilot keeps those that find it full."""
    takes_all = (
        index
        for index, route in enumerate(routes)
        if route.when is None and route.htcondor is None and route.if_full == "wait"
    )
    catch_all = next(takes_all, len(routes))
    for index in range(catch_all + 1, len(routes)):
        first = quote(routes[catch_all].name)
        message = f"no pilot comes here: route {first} comes first and has no when:"
        hint = (
            f"put this route before {first}, give {first} a when:, or write `if_full: next` there so that "
            "pilots go on while it is full"
        )
        yield Finding(("routes", index, "name"), message, hint, "warning")


def _check_route(loc: Loc, route: Route) -> Iterator[Finding]:
    limits, walltime = route.limits, route.request.walltime
    if limits.idle is not None and limits.pilots and limits.idle > limits.pilots:
        message = f"idle ({limits.idle}) is more than pilots ({limits.pilots}), so it limits nothing"
        yield Finding((*loc, "limits", "idle"), message, "make idle the smaller one", "warning")
    yield from check_ramp(loc, route)
    if isinstance(walltime, int) and walltime > _LONG_WALLTIME:
        message = f"{format_duration(walltime)} is more than 7 days for one pilot"
        hint = "check the unit, and that the partition allows it; 72h is usual"
        yield Finding((*loc, "request", "walltime"), message, hint, "warning")
