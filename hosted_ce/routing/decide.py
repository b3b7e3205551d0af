"""The routing decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hosted_ce.routing.classad import evaluate, explain_false
from hosted_ce.routing.model import Ask, Decision, Defaults, Limits, Route, Trial, Usage


def decide(
    attributes: Mapping[str, Any],
    routes: Sequence[Route],
    usage: Mapping[str, Usage],
    *,
    account: str | None = None,
) -> Decision:
    """The first route, in order, that takes a pilot with these attributes and has room for it.

    `account` is what the pilot's submitter is mapped to; None: any.
    """
    trials = []
    for route in routes:
        trial = _try(route, attributes, usage.get(route.name, Usage()), account)
        trials.append(trial)
        if trial.obstacle is None:
            return Decision(route, ask_for(attributes, route.defaults), tuple(trials))
    return Decision(None, None, tuple(trials))


def ask_for(attributes: Mapping[str, Any], defaults: Defaults) -> Ask:
    """What to ask the site for. The pilot's own words win, with HTCondor-CE's precedences."""
    minutes = attributes.get("maxWallTime")
    return Ask(
        cpus=attributes.get("xcount") or _above_one(attributes.get("RequestCpus")) or defaults.cpus,
        memory_mb=attributes.get("maxMemory") or defaults.memory_mb,
        walltime_s=60 * minutes if minutes else attributes.get("BatchRuntime") or defaults.walltime_s,
        queue=attributes.get("BatchQueue") or attributes.get("queue") or defaults.queue,
        account=attributes.get("BatchProject") or attributes.get("project") or defaults.account,
        qos=defaults.qos,
        gpus=attributes.get("RequestGPUs", defaults.gpus),
        whole_node=attributes.get("WantWholeNode", defaults.whole_node),
        extra=defaults.extra,
        base_environment=defaults.base_environment,
        environment=defaults.environment,
    )


def _above_one(cpus: int | None) -> int | None:
    # HTCondor's tools set RequestCpus to 1 where nobody asked for anything.
    return cpus if cpus and cpus > 1 else None


def _try(route: Route, attributes: Mapping[str, Any], usage: Usage, account: str | None) -> Trial:
    if account is not None and route.account not in (None, account):
        return Trial(route.name, f"is for account {route.account}, and the pilot's is {account}")
    if route.when is not None and evaluate(route.when, attributes) is not True:
        return Trial(route.name, explain_false(route.when, attributes))
    full = _full(route.limits, usage)
    return Trial(route.name, full, full=full is not None)


def _full(limits: Limits, usage: Usage) -> str | None:
    if usage.pilots >= limits.pilots:
        return f"{usage.pilots} of its {limits.pilots} pilots are at the site"
    if usage.idle >= limits.idle:
        return f"{usage.idle} of its {limits.idle} waiting pilots are in the site's queue"
    return None
