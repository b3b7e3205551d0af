"""Where the site granted something else than was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.facts import NAMES, Pair, Resource, RouteFacts, Value
from hosted_ce.verification.thresholds import worth_telling
from hosted_ce.verification.words import amount, count

HOUR_S = 3600
LESS, MORE = 0.95, 1.25
"""Batch systems round memory and walltime; within these parts of what was asked it is the same."""
_ELSEWHERE = frozenset("@*?[,")
"""Signs in a queue's name that make it more than a name: a list, a pattern, a host."""


class _Rule(NamedTuple):
    id: str
    differs: Callable[[Value, Value], bool]
    key: str | None
    todo: str


def _unlike(asked: Value, granted: Value) -> bool:
    return asked != granted


def _far(asked: Value, granted: Value) -> bool:
    return _short(asked, granted) or _number(granted) > MORE * _number(asked)


def _short(asked: Value, granted: Value) -> bool:
    return _number(granted) < LESS * _number(asked)


def _number(value: Value) -> float:
    return float(value or 0)


def _elsewhere(asked: Value, granted: Value) -> bool:
    return asked != granted and not _ELSEWHERE & set(str(asked))


def _several(asked: Value, granted: Value) -> bool:
    return _number(granted) > 1


_RULES = {
    Resource.CORES: _Rule(
        "VF-1", _unlike, "request.cpus",
        "ask the site whether its batch system counts hyper-threads or hands out whole cores or nodes; "
        "then let "
        "the route ask for what is given",
    ),
    Resource.MEMORY: _Rule(
        "VF-2", _far, "request.memory",
        "see the queue's limits and defaults for memory, for each core and for each job, and let the "
        "route ask "
        "for what is given",
    ),
    Resource.WALLTIME: _Rule(
        "VF-3", _short, "request.walltime",
        "let the route ask for what the queue gives, so that pilots know when they end",
    ),
    Resource.GPUS: _Rule(
        "VF-4", _unlike, "request.gpus",
        "ask the site for the GPUs' name in its batch system (`request.gpu_type`), and whether the "
        "account may "
        "have them",
    ),
    Resource.NODES: _Rule(
        "VF-7", _several, "request.extra", "take out of the route's `extra` what asks for more nodes than one"
    ),
    Resource.QUEUE: _Rule(
        "VF-5", _elsewhere, "request.queue",
        "name the queue in which the jobs are in fact, or ask the site why they are moved; a routing "
        "queue of "
        "PBS does so on purpose",
    ),
    Resource.ACCOUNT: _Rule(
        "VF-6", _unlike, "request.account", "ask the site which account is to be charged, and name that one"
    ),
    Resource.QOS: _Rule(
        "VF-6", _unlike, "request.qos", "ask the site which QOS the account is to use, and name that one"
    ),
}  # fmt: skip


def mismatches(facts: RouteFacts) -> Iterator[Advice]:
    """One for each resource of which other amounts were granted than asked."""
    for resource, rule in _RULES.items():
        differing = [pair for pair in facts.pairs.get(resource, ()) if differs(resource, pair)]
        if differing and worth_telling(sum(pair.runs for pair in differing), facts.runs):
            yield _advice(facts, resource, rule, differing)


def differs(resource: Resource, pair: Pair) -> bool:
    """Whether something else was granted than asked. Where one of them is not known it is not told."""
    if pair.granted is None or (pair.asked is None and resource is not Resource.NODES):
        return False
    return _RULES[resource].differs(pair.asked, pair.granted)


def _advice(facts: RouteFacts, resource: Resource, rule: _Rule, differing: Sequence[Pair]) -> Advice:
    runs, core_s = sum(pair.runs for pair in differing), sum(pair.core_s for pair in differing)
    most = max(differing, key=lambda pair: pair.runs)
    asked, got = amount(resource, most.asked), amount(resource, most.granted)
    said = f"{runs:,} of {count(facts.runs, 'run')} got another {_NAMES[resource]} than asked: most of them "
    said += f"{got}" if most.asked is None else f"asked for {asked} and got {got}"
    less = resource not in NAMES and _number(most.granted) < _number(most.asked)
    return Advice(
        rule.id, AdviceWeight.LOSS if less else AdviceWeight.WASTE, said, rule.todo, rule.key, runs,
        core_s / HOUR_S,
        {"resource": resource.value, "asked": most.asked, "granted": most.granted},
    )  # fmt: skip


_NAMES = {
    Resource.CORES: "number of cores", Resource.MEMORY: "amount of memory", Resource.WALLTIME: "walltime",
    Resource.GPUS: "number of GPUs", Resource.NODES: "number of nodes", Resource.QUEUE: "queue",
    Resource.ACCOUNT: "account", Resource.QOS: "QOS",
}  # fmt: skip
