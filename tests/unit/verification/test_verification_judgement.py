"""What is said of a route, and what is not: each fault has its own id, and a route that is well has none."""

from __future__ import annotations

from typing import Any

import pytest
from verification_routes import RUNS, ended, facts, ids, judged, pair

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.advice import AdviceWeight
from hosted_ce.verification.facts import Cut, Ended, Inventory, Measure, Resource
from hosted_ce.verification.thresholds import ENOUGH_RUNS


def test_a_route_that_is_well_has_nothing_to_do() -> None:
    found = judged(facts())
    assert (found.enough, found.advice) == (True, ())
    cores = found.rows[0]
    assert (cores.asked, cores.granted, cores.differing, cores.mean_granted) == (8, 8, 0, 8.0)
    assert cores.used
    assert (cores.used.p10, cores.used.median, cores.used.p90) == (85, 85, 85)


def test_with_few_runs_there_is_no_judgement_and_no_number_that_looks_like_one() -> None:
    found = judged(
        facts({Resource.CORES: [pair(8, 4, ENOUGH_RUNS - 1)]}, runs=ENOUGH_RUNS - 1, core_s=3600.0)
    )
    assert (found.enough, found.runs, found.core_hours) == (False, ENOUGH_RUNS - 1, 1.0)
    assert (found.rows, found.ends, found.remnants, found.advice) == ((), (), (), ())


@pytest.mark.parametrize(
    ("resource", "asked", "granted", "expected"),
    [
        (Resource.CORES, 8, 4, "VF-1"), (Resource.CORES, 8, 16, "VF-1"),
        (Resource.MEMORY, 16_000, 8_000, "VF-2"), (Resource.MEMORY, 16_000, 32_000, "VF-2"),
        (Resource.WALLTIME, 259_200, 86_400, "VF-3"), (Resource.GPUS, 1, 2, "VF-4"),
        (Resource.QUEUE, "osg", "long", "VF-5"), (Resource.ACCOUNT, "osg", "physics", "VF-6"),
        (Resource.QOS, "low", "normal", "VF-6"), (Resource.NODES, 1, 2, "VF-7"),
    ],
)  # fmt: skip
def test_what_is_granted_and_was_not_asked(
    resource: Resource, asked: Any, granted: Any, expected: str
) -> None:
    [advice] = judged(facts({resource: [pair(asked, asked, 60), pair(asked, granted, 40)]})).advice
    assert (advice.id, advice.runs) == (expected, 40)
    assert advice.data == {"resource": resource.value, "asked": asked, "granted": granted}
    assert advice.todo
    assert advice.key


@pytest.mark.parametrize(
    ("resource", "asked", "granted"),
    [
        (Resource.MEMORY, 16_000, 15_872), (Resource.MEMORY, 2000, 2048),
        (Resource.WALLTIME, 86_400, 259_200), (Resource.WALLTIME, 86_399, 86_400),
        (Resource.QUEUE, None, "osg"), (Resource.QUEUE, "osg,long", "long"), 
        (Resource.QUEUE, "*@@big", "all.q"),
        (Resource.CORES, None, 64), (Resource.MEMORY, 16_000, None), (Resource.ACCOUNT, "osg", None),
        (Resource.NODES, 1, None),
    ],
)  # fmt: skip
def test_what_is_no_difference(resource: Resource, asked: Any, granted: Any) -> None:
    found = [one for one in ids(facts({resource: [pair(asked, granted)]})) if one != "VF-25"]
    assert found == []


def test_a_single_run_is_chance() -> None:
    assert ids(facts({Resource.CORES: [pair(8, 8, 98), pair(8, 4, 2)]})) == []
    assert ids(facts({Resource.CORES: [pair(8, 8, 96), pair(8, 4, 4)]}, runs=RUNS)) == [], "four of a hundred"
    assert ids(facts({Resource.CORES: [pair(8, 8, 95), pair(8, 4, 5)]})) == ["VF-1"]


@pytest.mark.parametrize(
    ("measure", "percent", "expected"),
    [
        (Measure.CORES, 39, ["VF-8"]), (Measure.CORES, 40, []), (Measure.CORES, 115, []),
        (Measure.CORES, 116, ["VF-9"]), (Measure.MEMORY, 49, ["VF-10"]), (Measure.MEMORY, 50, []),
        (Measure.MEMORY, 95, ["VF-11"]), (Measure.WALLTIME, 24, ["VF-12"]), (Measure.WALLTIME, 25, []),
    ],
)  # fmt: skip
def test_what_is_used_little_or_more_than_all(measure: Measure, percent: int, expected: list[str]) -> None:
    shares = {**facts().shares, measure: {percent: RUNS}}
    assert ids(facts(shares=shares)) == expected


def test_a_measure_of_few_runs_says_nothing_but_that_it_is_not_known() -> None:
    shares = {**facts().shares, Measure.CORES: {1: ENOUGH_RUNS - 1}}
    [advice] = judged(facts(shares=shares)).advice
    assert (advice.id, advice.data) == ("VF-25", {"not_known": ["cpus"]})


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (EndClass.WALLTIME, "VF-13"), (EndClass.MEMORY, "VF-14"), (EndClass.PREEMPTED, "VF-15"),
        (EndClass.NODE_FAILURE, "VF-16"), (EndClass.REMOVED_AT_SITE, "VF-17"), (EndClass.VANISHED, "VF-19"),
        (EndClass.NO_CVMFS, "VF-20"), (EndClass.VALIDATION_FAILED, "VF-20"), (EndClass.NOT_STARTED, "VF-20"),
    ],
)  # fmt: skip
def test_ends_that_cost(what: EndClass, expected: str) -> None:
    normal = Ended(EndClass.NORMAL, None, 90, 0.0)
    [advice] = judged(facts(ends=[normal, ended(what, 10)])).advice
    assert (advice.id, advice.weight, advice.runs, advice.core_hours) == (
        expected,
        AdviceWeight.LOSS,
        10,
        80.0,
    )


@pytest.mark.parametrize("what", [EndClass.NORMAL, EndClass.UNKNOWN, EndClass.REMOVED_BY_FACTORY])
def test_ends_that_are_nobodys_at_the_site(what: EndClass) -> None:
    assert ids(facts(ends=[ended(what, RUNS)])) == []


def test_ends_on_one_node_name_it_and_spread_ones_do_not() -> None:
    one = facts(ends=[ended(EndClass.NODE_FAILURE, 8, "n7"), ended(EndClass.NODE_FAILURE, 2, "n1")])
    [advice] = judged(one).advice
    assert "8 of them on n7" in advice.said
    assert advice.data == {"nodes": [{"node": "n7", "runs": 8}, {"node": "n1", "runs": 2}]}
    spread = facts(ends=[ended(EndClass.NODE_FAILURE, 2, f"n{number}") for number in range(5)])
    assert " on n" not in judged(spread).advice[0].said


def test_a_limit_that_nobody_told_shows_by_when_runs_end() -> None:
    ends = [ended(EndClass.REMOVED_AT_SITE, 20)]
    cut = Cut(EndClass.REMOVED_AT_SITE, 144, 15, 3600.0)
    limit = next(one for one in judged(facts(ends=ends, cuts=[cut])).advice if one.id == "VF-18")
    assert "15 of the 20 runs" in limit.said
    assert "after about 24 h" in limit.said
    assert limit.data == {"seconds": 86_400}
    assert ids(facts(ends=ends, cuts=[cut._replace(runs=9)])) == ["VF-17"], "they end whenever they end"
    assert ids(facts(ends=ends, cuts=[cut._replace(band=0)])) == ["VF-17"], "at once is no limit"


def test_gpus_of_which_nothing_is_told_are_told_with_what_the_site_can_do() -> None:
    [advice] = judged(facts({Resource.GPUS: [pair(1, None)]})).advice
    assert advice.id == "VF-25"
    assert "granted GPUs" in advice.said
    assert "AccountingStorageTRES=gres/gpu" in advice.todo


def test_what_is_lost_comes_before_what_is_wasted() -> None:
    shares = {**facts().shares, Measure.MEMORY: {10: RUNS}}
    assert ids(facts(shares=shares, ends=[ended(EndClass.WALLTIME, RUNS)])) == ["VF-13", "VF-10"]


def test_without_an_inventory_it_says_why_nothing_is_said_of_nodes() -> None:
    assert judged(facts(), Inventory(None, "pbsnodes: no")).nodes_unknown == "pbsnodes: no"
    elsewhere = judged(facts({Resource.QUEUE: [pair(None, "gpu")]}))
    assert "no node in the queue" in (elsewhere.nodes_unknown or "")
    assert judged(facts()).nodes_unknown is None
