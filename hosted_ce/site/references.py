"""The names by which one part of a site file refers to another, checked before its parts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hosted_ce.site.access import cluster_faults, directive_faults
from hosted_ce.site.errors import BadValue, Loc, quote
from hosted_ce.site.parts import part as _part
from hosted_ce.site.route import Route

Fault = tuple[Loc, BadValue]


def reference_faults(data: object) -> Iterator[Fault]:
    """What does not fit together. `data` may have any faults of its own; those are told elsewhere."""
    yield from _route_faults(data)
    yield from _account_faults(data)
    yield from _double_faults(data)
    yield from cluster_faults(_part(data, "clusters"))
    yield from directive_faults(_part(data, "clusters"), _part(data, "routes"))


def _route_faults(data: object) -> Iterator[Fault]:
    clusters, routes = _part(data, "clusters"), _part(data, "routes")
    if not isinstance(routes, list | tuple):
        return
    seen: dict[str, int] = {}
    for index, route in enumerate(routes):
        name = _part(route, "name")
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield (
                ("routes", index, "name"),
                BadValue(
                    f"{quote(name)} is already the name of routes[{seen[name]}]",
                    "give each route its own name",
                ),
            )
        if isinstance(clusters, Mapping) and clusters and (fault := _cluster_fault(route, list(clusters))):
            yield ("routes", index, "cluster"), fault
        for each, cluster in _named_clusters(route):
            if isinstance(clusters, Mapping) and clusters and cluster not in clusters:
                known = f"the clusters of this file are: {', '.join(clusters)}"
                loc = ("routes", index, "htcondor", "clusters", each)
                yield loc, BadValue(f"there is no cluster {quote(cluster)}", known)


def _named_clusters(route: object) -> Iterator[tuple[str, str]]:
    """The clusters that an entry names for single routes of HTCondor-CE's files."""
    named = _part(_part(route, "htcondor"), "clusters")
    for name, cluster in named.items() if isinstance(named, Mapping) else ():
        if isinstance(name, str) and isinstance(cluster, str):
            yield name, cluster


def _cluster_fault(route: object, clusters: list[str]) -> BadValue | None:
    if not isinstance(route, Mapping | Route):
        return None
    cluster = _part(route, "cluster")
    known = f"the clusters of this file are: {', '.join(clusters)}"
    if cluster is None and len(clusters) > 1:
        return BadValue("the route does not say which cluster it uses", known)
    if isinstance(cluster, str) and cluster not in clusters:
        return BadValue(f"there is no cluster {quote(cluster)}", known)
    return None


def _account_faults(data: object) -> Iterator[Fault]:
    clusters = _part(data, "clusters")
    if not isinstance(clusters, Mapping) or not clusters:
        return
    known = [_part(cluster, "account") for cluster in clusters.values()]
    if not all(isinstance(account, str) for account in known):
        return
    for index, issuer in _items(data, "issuers"):
        account = _part(issuer, "account")
        if isinstance(account, str) and account not in known:
            message = f"no cluster of this file has the account {quote(account)}"
            hint = f"the accounts of its clusters are: {', '.join(dict.fromkeys(known))}"
            yield ("issuers", index, "account"), BadValue(message, hint)


def _double_faults(data: object) -> Iterator[Fault]:
    seen: dict[tuple[str, str | None], tuple[int, object]] = {}
    for index, entry in _items(data, "issuers"):
        issuer, account = _part(entry, "issuer"), _part(entry, "account")
        for loc, subject in _subjects(entry):
            if not isinstance(issuer, str):
                continue
            first, other = seen.setdefault((issuer, subject), (index, account))
            if other != account:
                whose = f"subject {quote(subject)}" if subject is not None else "every subject"
                message = f"{whose} of this issuer has the account {other} already, by issuers[{first}]"
                yield ("issuers", index, *loc), BadValue(message, "take one of the two out")


def _subjects(entry: object) -> Iterator[tuple[Loc, str | None]]:
    subjects = _part(entry, "subjects")
    if subjects is None:
        yield ("issuer",), None
    elif isinstance(subjects, list | tuple):
        yield from ((("subjects", nth), each) for nth, each in enumerate(subjects) if isinstance(each, str))


def _items(data: object, name: str) -> Iterator[tuple[int, object]]:
    items = _part(data, name)
    yield from enumerate(items) if isinstance(items, list | tuple) else ()
