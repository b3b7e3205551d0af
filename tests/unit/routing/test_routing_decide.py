"""The decision: order, conditions, room, reasons; and what is asked of the site, as HTCondor-CE would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hosted_ce.routing.decide import ask_for, decide
from hosted_ce.routing.model import Defaults, Limits, Route, Usage

DEFAULTS = Defaults(
    cpus=4, memory_mb=3000, walltime_s=86_400, queue="osg", account="acc", qos="low", gpus=1,
    whole_node=False, extra=("--constraint=ib",), environment={"A": "1"},
)  # fmt: skip


def route(name: str, when: str | None = None, *, pilots: int = 5, idle: int = 5) -> Route:
    return Route(name, "main", Limits(pilots, idle), when=when)


def test_the_first_route_that_takes_it_wins() -> None:
    decision = decide({"x": 1}, [route("no", "x > 1"), route("yes", "x == 1"), route("all")], {})
    assert decision.route
    assert decision.route.name == "yes"
    assert decision.reason == "route yes"
    assert [trial.route for trial in decision.trials] == ["no", "yes"]


def test_a_route_without_a_condition_takes_every_pilot() -> None:
    assert decide({}, [route("all")], {}).route


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("x > 1", "`x > 1` is false"),
        ("y > 1", "`y > 1` is undefined"),
        ("x / 0 == 1", "`x / 0 == 1` is error"),
        ("x", "`x` is 1"),
        ('"true"', '`"true"` is true'),
        ("undefined", "`undefined` is undefined"),
    ],
)
def test_only_true_is_true_and_the_reason_says_what_it_was(when: str, said: str) -> None:
    decision = decide({"x": 1}, [route("a", when)], {})
    assert decision.route is None
    assert decision.ask is None
    assert decision.reason == f"no route takes it: a: {said}"


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(pilots=5, idle=0), "5 of its 5 pilots are at the site"),
        (Usage(pilots=6, idle=0), "6 of its 5 pilots are at the site"),
        (Usage(pilots=4, idle=4), None),
    ],
)
def test_a_route_takes_as_many_pilots_as_it_may(usage: Usage, said: str | None) -> None:
    decision = decide({}, [route("a")], {"a": usage})
    assert (decision.route is None) == (said is not None)
    if said:
        assert decision.reason == f"waits for room: a: {said}"


def test_a_route_takes_as_many_waiting_pilots_as_it_may() -> None:
    decision = decide({}, [route("a", pilots=10, idle=2)], {"a": Usage(pilots=3, idle=2)})
    assert decision.reason == "waits for room: a: 2 of its 2 waiting pilots are in the site's queue"


def test_a_limit_of_0_closes_a_route() -> None:
    assert decide({}, [route("a", pilots=0)], {}).route is None
    assert decide({}, [route("a", idle=0)], {}).route is None


def test_a_full_route_leaves_the_pilot_to_the_next() -> None:
    decision = decide({}, [route("a", pilots=1), route("b")], {"a": Usage(1, 0)})
    assert decision.route
    assert decision.route.name == "b"


def test_waiting_for_room_is_told_from_having_no_route() -> None:
    routes = [route("a", "x > 1"), route("b", pilots=1)]
    assert decide({"x": 1}, routes, {"b": Usage(1, 0)}).reason == (
        "waits for room: a: `x > 1` is false; b: 1 of its 1 pilots are at the site"
    )
    assert decide({"x": 1}, routes[:1], {}).reason == "no route takes it: a: `x > 1` is false"
    assert decide({"x": 1}, [], {}).reason == "no route takes it: the site file has none"


def test_a_full_route_whose_condition_is_not_true_is_not_waited_for() -> None:
    decision = decide({"x": 1}, [route("a", "x > 1", pilots=0)], {})
    assert decision.reason == "no route takes it: a: `x > 1` is false"


@pytest.mark.parametrize(
    ("attributes", "name", "value"),
    [
        ({}, "cpus", 4),
        ({"RequestCpus": 1}, "cpus", 4),  # what HTCondor's tools say when nobody asked
        ({"RequestCpus": 8}, "cpus", 8),
        ({"RequestCpus": 8, "xcount": 2}, "cpus", 2),
        ({"xcount": 1, "RequestCpus": 8}, "cpus", 1),
        ({}, "memory_mb", 3000),
        ({"maxMemory": 5000}, "memory_mb", 5000),
        ({"RequestMemory": 128}, "memory_mb", 3000),
        ({"maxMemory": 5000, "RequestMemory": 128}, "memory_mb", 5000),
        ({}, "walltime_s", 86_400),
        ({"maxWallTime": 90}, "walltime_s", 5400),
        ({"BatchRuntime": 7200}, "walltime_s", 7200),
        ({"BatchRuntime": 7200, "maxWallTime": 90}, "walltime_s", 5400),
        ({}, "queue", "osg"),
        ({"queue": "short"}, "queue", "short"),
        ({"BatchQueue": "long"}, "queue", "long"),
        ({"queue": "short", "BatchQueue": "long"}, "queue", "long"),
        ({}, "account", "acc"),
        ({"project": "p"}, "account", "p"),
        ({"BatchProject": "b"}, "account", "b"),
        ({"project": "p", "BatchProject": "b"}, "account", "b"),
        ({}, "gpus", 1),
        ({"RequestGPUs": 0}, "gpus", 0),
        ({"RequestGPUs": 4}, "gpus", 4),
        ({}, "whole_node", False),
        ({"WantWholeNode": True}, "whole_node", True),
        ({}, "qos", "low"),
        ({}, "extra", ("--constraint=ib",)),
        ({}, "environment", {"A": "1"}),
    ],
)
def test_what_is_asked_for(attributes: dict[str, Any], name: str, value: object) -> None:
    assert getattr(ask_for(attributes, DEFAULTS), name) == value


def test_a_pilot_can_decline_a_whole_node() -> None:
    assert ask_for({"WantWholeNode": False}, Defaults(whole_node=True)).whole_node is False


def test_the_numbers_that_htcondor_ce_gave_for_the_same_pilot() -> None:
    """Recorded from condor_job_router_info 23.9.6 with these defaults."""
    defaults = Defaults(queue="osg_queue", memory_mb=3000, cpus=4, walltime_s=1440 * 60)
    ask = ask_for({"maxMemory": 5000, "RequestCpus": 1, "RequestMemory": 128}, defaults)
    assert (ask.queue, ask.walltime_s, ask.cpus, ask.memory_mb) == ("osg_queue", 86_400, 4, 5000)


def test_a_route_to_another_account_takes_no_pilot_of_this_one() -> None:
    routes = [replace(route("a"), account="osg01"), replace(route("b"), account="osg02"), route("any")]
    assert decide({}, routes, {}, account="osg02").route == routes[1]
    assert decide({}, routes, {}, account="osg03").route == routes[2]
    assert decide({}, routes, {}).route == routes[0]
    refused = decide({}, routes[:2], {}, account="osg03")
    assert refused.unroutable
    assert "a: is for account osg01, and the pilot's is osg03" in refused.reason


def test_a_full_route_is_not_the_same_as_none() -> None:
    full = decide({}, [route("a")], {"a": Usage(10**6, 0)})
    assert full.route is None
    assert not full.unroutable
