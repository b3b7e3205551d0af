"""What a cluster needs for its transport and its batch system, checked before its parts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hosted_ce.site.batch import BATCH_SYSTEMS
from hosted_ce.site.batch.rules import BatchRules
from hosted_ce.site.cluster import FOR_SSH, Cluster
from hosted_ce.site.errors import BadValue, Loc, quote
from hosted_ce.site.parts import part

Fault = tuple[Loc, BadValue]


def cluster_faults(clusters: object) -> Iterator[Fault]:
    """Keys that are missing or have no use by this transport, and options that the batch system lacks."""
    for name, cluster in clusters.items() if isinstance(clusters, Mapping) else ():
        if isinstance(cluster, Mapping):
            yield from _access_faults(("clusters", name), cluster)
            yield from _avoiding_faults(("clusters", name), cluster)
            yield from _home_faults(("clusters", name), cluster)
            yield from _array_faults(("clusters", name), cluster)
            yield from _variable_faults(("clusters", name), cluster)
        yield from _option_faults(("clusters", name), cluster)


def directive_faults(clusters: object, routes: object) -> Iterator[Fault]:
    """Items of `extra` that the route's batch system does not take or that belong to the CE."""
    for index, route in enumerate(routes if isinstance(routes, list | tuple) else ()):
        rules, request = _rules_for(route, clusters), part(route, "request")
        for key in rules.lacks if rules else ():
            if part(request, key) is not None:
                message = "this means nothing to the batch system of the route's cluster"
                yield ("routes", index, "request", key), BadValue(message, "take it out; see extra")
        extra = part(request, "extra")
        for nth, text in enumerate(extra if rules and isinstance(extra, list | tuple) else ()):
            if isinstance(text, str) and _is_plain(text) and (fault := _refused(rules, text)):
                yield ("routes", index, "request", "extra", nth), fault


def _is_plain(text: str) -> bool:
    """Whether it is an option as it stands: what an expression makes is seen when there is a pilot."""
    return text.isprintable() and not text.lstrip().startswith("=")


def _access_faults(loc: Loc, cluster: Mapping[str, object]) -> Iterator[Fault]:
    local = cluster.get("transport") == "local"
    for key in (*FOR_SSH, *(["jump"] if local else [])):
        if local and key in cluster:
            hint = "take it out, or take transport: local out"
            yield (*loc, key), BadValue("a cluster with transport: local is not reached by SSH", hint)
        elif not local and key not in cluster:
            meaning = (Cluster.model_fields[key].description or "").split(". ")[0]
            yield (*loc, key), BadValue("this key is missing", f"add it: {meaning}")


def _avoiding_faults(loc: Loc, cluster: Mapping[str, object]) -> Iterator[Fault]:
    rules = _rules(cluster)
    if rules and not rules.avoids_nodes and cluster.get("avoid_nodes") is not None:
        message = f"a job cannot ask {rules.osg_name} not to run on a node"
        yield (*loc, "avoid_nodes"), BadValue(message, "take it out; have the site take such nodes offline")


def _home_faults(loc: Loc, cluster: Mapping[str, object]) -> Iterator[Fault]:
    rules, shared = _rules(cluster), cluster.get("shared_home")
    if rules is None or not isinstance(shared, bool):
        return
    if not shared and not rules.without_home:
        message = f"pilots of {part(cluster, 'batch')} need a spool that the worker nodes see"
        hint = "take shared_home out, and put the spool on a file system that they share with the login node"
        yield (*loc, "shared_home"), BadValue(message, hint)
    elif (option := rules.home_option) and shared != bool(part(part(cluster, "batch_options"), option)):
        hint = f"{'add it to' if shared else 'take it out of'} batch_options, or take shared_home out"
        message = f"{option} says whether the nodes see the spool: it is {'missing' if shared else 'there'}"
        yield (*loc, "shared_home"), BadValue(message, hint)


def _array_faults(loc: Loc, cluster: Mapping[str, object]) -> Iterator[Fault]:
    rules = _rules(cluster)
    if rules is None or cluster.get("arrays") is None:
        return
    if not rules.arrays:
        message = f"pilots of {part(cluster, 'batch')} cannot share job arrays: each is a job by itself"
        yield (*loc, "arrays"), BadValue(message, "take it out; only slurm has arrays")
    elif cluster.get("shared_home") is False:
        message = "tasks of an array find their pilots in the spool, and the nodes do not see it"
        yield (*loc, "arrays"), BadValue(message, "take it out, or put the spool where the nodes see it")


def _variable_faults(loc: Loc, cluster: Mapping[str, object]) -> Iterator[Fault]:
    rules, given = _rules(cluster), cluster.get("environment")
    for key in given if rules and isinstance(given, Mapping) else ():
        if rules and (instead := rules.variables.get(key)):
            message = f"{quote(str(key))} cannot be set here"
            yield (*loc, "environment", key), BadValue(message, instead)


def _option_faults(loc: Loc, cluster: object) -> Iterator[Fault]:
    rules, options = _rules(cluster), part(cluster, "batch_options")
    for key in options if rules and isinstance(options, Mapping) else ():
        if rules and key not in rules.options:
            known = ", ".join(rules.options) or "none"
            message = f"{quote(str(key))} is no option of {part(cluster, 'batch')}"
            yield (*loc, "batch_options", key), BadValue(message, f"its options are: {known}")
        elif rules and options[key] not in (choices := rules.choices.get(key, (options[key],))):
            message = f"{quote(str(options[key]))} is no value of {key}"
            yield (*loc, "batch_options", key), BadValue(message, f"it can be: {', '.join(choices)}")
        elif rules and key in rules.sees_spool and part(cluster, "shared_home") is False:
            message = f"{key} needs nodes that see the spool: files are carried in the node's own cluster"
            yield (*loc, "batch_options", key), BadValue(message, "take it out, or take shared_home out")


def _rules_for(route: object, clusters: object) -> BatchRules | None:
    if not isinstance(clusters, Mapping) or not clusters:
        return None
    name = part(route, "cluster")
    return _rules(clusters.get(name) if name is not None else next(iter(clusters.values())))


def _rules(cluster: object) -> BatchRules | None:
    name = part(cluster, "batch")
    return BATCH_SYSTEMS.get(name) if isinstance(name, str) else None


def _refused(rules: BatchRules | None, text: str) -> BadValue | None:
    try:
        if rules:
            rules.check_directive(text)
    except BadValue as fault:
        return fault
    return None
