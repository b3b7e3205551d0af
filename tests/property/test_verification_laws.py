"""Laws of the verification of contributions that hold for all runs and all nodes."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.catalogue import KINDS
from hosted_ce.verification.facts import (
    NAMES,
    Cut,
    Ended,
    Inventory,
    Measure,
    NodeKind,
    Pair,
    Resource,
    RouteFacts,
    Shape,
)
from hosted_ce.verification.markdown import markdown
from hosted_ce.verification.remnants import advice_on, left_of
from hosted_ce.verification.report import report
from hosted_ce.verification.spread import spread_of
from hosted_ce.verification.thresholds import ENOUGH_RUNS

runs = st.integers(1, 200)
hours = st.floats(0, 1e7)
numbers = st.none() | st.integers(0, 10**6)
names = st.none() | st.sampled_from(["osg", "long", "a,b"])
shapes = st.builds(
    Shape, st.integers(1, 64), st.none() | st.integers(1, 10**6), st.integers(0, 8), runs, hours
)
nodes = st.builds(
    NodeKind, names, st.integers(0, 300), st.integers(0, 256), st.none() | st.integers(0, 10**7),
    st.none() | st.integers(0, 8),
)  # fmt: skip


def pairs(resource: Resource) -> st.SearchStrategy[list[Pair]]:
    value = names if resource in NAMES else numbers
    return st.lists(st.builds(Pair, value, value, runs, hours), max_size=4)


routes = st.builds(
    RouteFacts, st.just("r"), st.just("c"), st.integers(0, 400), hours, runs,
    pairs=st.fixed_dictionaries({each: pairs(each) for each in Resource}),
    shares=st.fixed_dictionaries(
        {each: st.dictionaries(st.integers(0, 999), runs, max_size=4) for each in Measure}
    ),
    shapes=st.lists(shapes, max_size=3),
    ends=st.lists(st.builds(Ended, st.sampled_from(EndClass), names, runs, hours), max_size=5),
    cuts=st.lists(st.builds(Cut, st.sampled_from(EndClass), st.integers(0, 500), runs, hours), max_size=3),
)  # fmt: skip
inventories = st.builds(Inventory, st.none() | st.lists(nodes, max_size=3).map(tuple), names, names)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=60))
def test_a_spread_is_that_of_the_single_values(values: list[int]) -> None:
    spread = spread_of({value: values.count(value) for value in values})
    assert spread
    ordered = sorted(values)
    for part, found in ((0.1, spread.p10), (0.5, spread.median), (0.9, spread.p90)):
        assert found == ordered[math.ceil(round(part * len(ordered), 9)) - 1]


@given(nodes.filter(lambda one: one.cpus > 0), shapes)
def test_what_fits_fits_and_one_more_does_not(node: NodeKind, pilot: Shape) -> None:
    found = left_of(node, pilot)
    assert found.cores == node.cpus - found.pilots * pilot.cpus
    assert 0 <= found.cores <= node.cpus

    def fits(number: int) -> bool:
        memory = pilot.memory_mb is None or node.memory_mb is None
        return (
            number * pilot.cpus <= node.cpus
            and (memory or number * (pilot.memory_mb or 0) <= (node.memory_mb or 0))
            and (not pilot.gpus or number * pilot.gpus <= (node.gpus or 0))
        )

    assert fits(found.pilots)
    assert not fits(found.pilots + 1)


@given(st.lists(nodes, min_size=1, max_size=4), shapes)
def test_a_shape_that_is_advised_leaves_less(every: list[NodeKind], pilot: Shape) -> None:
    usable = [one for one in every if one.nodes and one.cpus and left_of(one, pilot).pilots]
    for advice in advice_on(every, [pilot]):
        if "left" not in advice.data:
            continue
        now = sum(one.nodes * left_of(one, pilot).cores for one in usable)
        memory = pilot.memory_mb and round(pilot.memory_mb * advice.data["cpus"] / pilot.cpus)
        better = pilot._replace(cpus=advice.data["cpus"], memory_mb=memory)
        assert sum(one.nodes * left_of(one, better).cores for one in usable) == advice.data["left"] < now


@given(routes, inventories)
def test_any_route_has_a_report_and_few_runs_have_no_judgement(facts: RouteFacts, where: Inventory) -> None:
    found = report(facts, where)
    assert found.enough == (facts.runs >= ENOUGH_RUNS)
    assert found.enough or not (found.advice or found.rows or found.ends)
    for advice in found.advice:
        assert advice.id in KINDS
        assert advice.said
        assert advice.todo
    assert markdown([found], "t", "s").startswith("# t\n")
