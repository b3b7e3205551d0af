"""The report of one route: asked, granted and used beside each other, and what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.ends import ClassOfEnds, by_class, early_ends
from hosted_ce.verification.facts import (
    NAMES,
    Inventory,
    Measure,
    NodeKind,
    Pair,
    Resource,
    RouteFacts,
    Value,
)
from hosted_ce.verification.mismatches import differs, mismatches
from hosted_ce.verification.remnants import Remnant, advice_on, remnants
from hosted_ce.verification.spread import Spread
from hosted_ce.verification.thresholds import ENOUGH_RUNS
from hosted_ce.verification.untold import untold
from hosted_ce.verification.use import spreads, uses

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Row:
    """One resource. `asked` and `granted` are what most runs had; means are over runs with a number."""

    resource: Resource
    asked: Value
    granted: Value
    differing: int
    """Runs that got something else than they asked for."""
    untold: int
    """Runs of which it is not told what they got."""
    kinds: int
    """How many different pairs there are."""
    mean_asked: float | None = None
    mean_granted: float | None = None
    used: Spread | None = None
    """In percent of the granted."""


@dataclass(frozen=True, slots=True)
class RouteReport:
    """All of one route. Without `enough` runs that are over there is nothing but their number."""

    route: str
    cluster: str
    runs: int
    core_hours: float
    never_ran: int
    enough: bool
    rows: tuple[Row, ...] = ()
    ends: tuple[ClassOfEnds, ...] = ()
    remnants: tuple[Remnant, ...] = ()
    nodes_unknown: str | None = None
    """Why nothing is said of remnants."""
    advice: tuple[Advice, ...] = ()


def report(facts: RouteFacts, nodes: Inventory) -> RouteReport:
    """What the runs say. Advice comes worst first: what is lost, what is wasted, what is good to know."""
    if facts.runs < ENOUGH_RUNS:
        hours = facts.core_s / HOUR_S
        return RouteReport(facts.route, facts.cluster, facts.runs, hours, facts.never_ran, enough=False)
    own = behind(facts, nodes)
    every = chain(
        mismatches(facts), early_ends(facts), uses(facts), advice_on(own, facts.shapes), untold(facts)
    )
    return RouteReport(
        facts.route, facts.cluster, facts.runs, facts.core_s / HOUR_S, facts.never_ran, enough=True,
        rows=tuple(_rows(facts, spreads(facts))), ends=tuple(by_class(facts)),
        remnants=tuple(remnants(own, facts.shapes)), nodes_unknown=_unknown(nodes, own),
        advice=tuple(sorted(every, key=lambda one: list(AdviceWeight).index(one.weight))),
    )  # fmt: skip


def behind(facts: RouteFacts, nodes: Inventory) -> Sequence[NodeKind]:
    """The nodes of the queue in which most runs were; all of them where there are no queues."""
    queue = _most(facts.pairs.get(Resource.QUEUE, ()), granted=True) or nodes.default_queue
    return [shape for shape in nodes.shapes or () if shape.queue is None or shape.queue == queue]


def _unknown(nodes: Inventory, own: Sequence[NodeKind]) -> str | None:
    if nodes.shapes is None:
        return nodes.why or "the site was not probed yet"
    return None if own else "the batch system tells of no node in the queue that the runs were in"


def _rows(facts: RouteFacts, used: Mapping[Measure, Spread]) -> list[Row]:
    found = [_row(resource, facts.pairs.get(resource, ()), used) for resource in Resource]
    return [row for row in found if row.asked is not None or row.granted is not None]


def _row(resource: Resource, pairs: Sequence[Pair], used: Mapping[Measure, Spread]) -> Row:
    numbers = resource not in NAMES
    measure = next((one for one in Measure if one.value == resource.value), None)
    return Row(
        resource, _most(pairs, granted=False), _most(pairs, granted=True),
        sum(pair.runs for pair in pairs if differs(resource, pair)),
        sum(pair.runs for pair in pairs if pair.granted is None and pair.asked),
        len(pairs),
        _mean([(pair.asked, pair.runs) for pair in pairs]) if numbers else None,
        _mean([(pair.granted, pair.runs) for pair in pairs]) if numbers else None,
        used.get(measure) if measure else None,
    )  # fmt: skip


def _most(pairs: Sequence[Pair], *, granted: bool) -> Value:
    found: Counter[Value] = Counter()
    for pair in pairs:
        value = pair.granted if granted else pair.asked
        if value is not None:
            found[value] += pair.runs
    return max(found, key=lambda value: (found[value], str(value)), default=None)


def _mean(values: Sequence[tuple[Value, int]]) -> float | None:
    known = [(float(value), runs) for value, runs in values if value is not None]
    runs = sum(number for _, number in known)
    return sum(value * number for value, number in known) / runs if runs else None
