"""The decision: order, conditions, room, reasons; and what is asked of the site, as HTCondor-CE would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hosted_ce.routing.compile import site_route
from hosted_ce.routing.decide import decide as decide_in
from hosted_ce.routing.limits import Caps, Limits, Usage
from hosted_ce.routing.model import Ask, ClusterRules, Decision, Trial
from hosted_ce.routing.occupancy import Occupancy, Occupied
from hosted_ce.routing.request import Expr, Request
from hosted_ce.routing.route import Route, Table
from hosted_ce.routing.throttle import Recent, throttled
from tests.fakes.routes import route as any_route

ASKED = Request(
    cpus=4, memory_mb=3000, walltime_s=86_400, queue="osg", account="acc", qos="low", gpus=1,
    gpu_type="a100", whole_node=False, constraint="ib", reservation="friday",
)  # fmt: skip


def route(name: str, when: str | None = None, *, pilots: int = 5, idle: int = 5, **more: Any) -> Route:
    return any_route(name, when=when, pilots=pilots, idle=idle, **more)


def at_site(**used: Usage) -> Occupancy:
    return Occupancy.of([Occupied(name, "main", "unknown", usage) for name, usage in used.items()])


def decide(
    attributes: dict[str, Any], routes: Sequence[Route], occupancy: Occupancy | None = None,
    clusters: dict[str, ClusterRules] | None = None, **more: Any,
) -> Decision:  # fmt: skip
    table = Table(tuple(routes), clusters or {})
    return decide_in(attributes, table, occupancy or Occupancy(), now=0.0, **more)


def ask_for(attributes: dict[str, Any], request: Request, **more: Any) -> Ask:
    decision = decide(attributes, [route("a", request=request, **more)])
    assert decision.ask, decision.reason
    assert decision.notes == ()
    return decision.ask


def test_the_first_route_that_takes_it_wins() -> None:
    decision = decide({"x": 1}, [route("no", "x > 1"), route("yes", "x == 1"), route("all")])
    assert (decision.route, decision.cluster) == ("yes", "main")
    assert decision.reason == "route yes"
    assert [trial.route for trial in decision.trials] == ["no", "yes"]


def test_a_route_without_a_condition_takes_every_pilot() -> None:
    assert decide({}, [route("all")]).route


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("x > 1", "`x > 1` is false (x is 1)"),
        ("y > 1", "`y > 1` is undefined (y is not there)"),
        ("x / 0 == 1", "`x / 0 == 1` is error (x is 1)"),
        ("x - 1", "`x - 1` is 0 (x is 1)"),
        ('"true"', '`"true"` is true'),
        ("undefined", "`undefined` is undefined"),
    ],
)
def test_only_what_htcondor_takes_for_true_is_and_the_reason_says_what_it_was(when: str, said: str) -> None:
    decision = decide({"x": 1}, [route("a", when)])
    assert decision.route is None
    assert decision.ask is None
    assert decision.reason == f"no route takes it: a: {said}"


def test_a_number_that_is_not_0_is_true_as_in_htcondor() -> None:
    assert decide({"x": 1}, [route("a", "x")]).route == "a"


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(pilots=5, idle=0), "5 of its 5 pilots are at the site"),
        (Usage(pilots=6, idle=0), "6 of its 5 pilots are at the site"),
        (Usage(pilots=4, idle=4), None),
    ],
)
def test_a_route_takes_as_many_pilots_as_it_may(usage: Usage, said: str | None) -> None:
    decision = decide({}, [route("a")], at_site(a=usage))
    assert (decision.route is None) == (said is not None)
    if said:
        assert decision.reason == f"waits for room: a: {said}"


def test_a_route_takes_as_many_waiting_pilots_as_it_may() -> None:
    decision = decide({}, [route("a", pilots=10, idle=2)], at_site(a=Usage(pilots=3, idle=2)))
    assert decision.reason == "waits for room: a: 2 of its 2 waiting pilots are in the site's queue"


def limited(limits: Limits) -> Route:
    return site_route("a", "main", limits=limits, request=Request(cpus=8))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(Caps(running=2)), "2 of its 2 pilots run or may start at any time"),
        (Limits(Caps(cores=20)), "16 of its 20 cores are asked for, and it needs 8"),
        (Limits(Caps(cores=24)), None),
        (Limits(submits=3), "3 of its 3 submits a minute are made"),
        (Limits(submits=4), None),
        (
            Limits(failure_rate=0.01),
            "12 of its pilots failed within 10 minutes, so at most 9 are submitted in that time, and 20 were",
        ),
        (Limits(failure_rate=0.02), None),
        (Limits(per_vo={"unknown": Caps(pilots=2)}), "2 of unknown's 2 pilots are at the site"),
        (Limits(per_vo={"*": Caps(cores=16)}), "16 of unknown's 16 cores are asked for, and it needs 8"),
        (Limits(per_vo={"*": Caps(pilots=2), "unknown": Caps()}), None),
        (Limits(per_vo={"cms": Caps(pilots=0)}), None),
        (Limits(), None),
    ],
)
def test_every_kind_of_limit_is_kept_and_told(limits: Limits, said: str | None) -> None:
    used = at_site(a=Usage(pilots=2, idle=1, cores=16, submits=3))
    used.recent["a"] = Recent(begun=20, failed=12, succeeded=4)
    decision = decide({}, [limited(limits)], used)
    assert decision.reason == (f"waits for room: a: {said}" if said else "route a")


def test_the_limits_of_a_cluster_are_for_all_its_routes_together() -> None:
    used = at_site(a=Usage(1, 0, 8), gone=Usage(1, 0, 8))
    rules = {"main": ClusterRules(None, Caps(pilots=2))}
    decision = decide({}, [route("a")], used, rules)
    assert decision.reason == "waits for room: a: 2 of cluster main's 2 pilots are at the site"


def test_a_limit_of_0_closes_a_route() -> None:
    assert decide({}, [route("a", pilots=0)]).route is None
    assert decide({}, [route("a", idle=0)]).route is None


def test_a_pilot_waits_for_a_full_route_that_takes_it() -> None:
    decision = decide({}, [route("a", pilots=1), route("b")], at_site(a=Usage(1, 0)))
    assert decision.route is None
    assert decision.reason == "waits for room: a: 1 of its 1 pilots are at the site"
    assert not decision.unroutable


def test_a_full_route_that_says_so_leaves_the_pilot_to_the_next() -> None:
    routes = [route("a", pilots=1, falls_through=True), route("b")]
    assert decide({}, routes, at_site(a=Usage(1, 0))).route == "b"


def test_waiting_for_room_is_told_from_having_no_route() -> None:
    routes = [route("a", "x > 1"), route("b", pilots=1)]
    assert decide({"x": 1}, routes, at_site(b=Usage(1, 0))).reason == (
        "waits for room: a: `x > 1` is false (x is 1); b: 1 of its 1 pilots are at the site"
    )
    assert decide({"x": 1}, routes[:1]).reason == "no route takes it: a: `x > 1` is false (x is 1)"
    assert decide({"x": 1}, []).reason == "no route takes it: the site file has none"


def test_a_full_route_whose_condition_is_not_true_is_not_waited_for() -> None:
    decision = decide({"x": 1}, [route("a", "x > 1", pilots=0), route("b")])
    assert decision.route == "b"


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
        ({}, "gpu_type", "a100"),
        ({}, "constraint", "ib"),
        ({}, "reservation", "friday"),
        # Names of our own between a route and what it asks for; a pilot has no say in them.
        ({"HostedCE_cpus": 99, "hostedce_qos": "high"}, "cpus", 4),
        ({"hostedce_qos": "high"}, "qos", "low"),
    ],
)
def test_what_is_asked_for(attributes: dict[str, Any], name: str, value: object) -> None:
    assert getattr(ask_for(attributes, ASKED), name) == value


def test_what_the_route_brings_besides_goes_with_it() -> None:
    ask = ask_for({}, ASKED, extra=("--nice",), environment={"A": "1"}, base_environment={"B": "2"})
    assert (ask.extra, ask.environment, ask.base_environment) == (("--nice",), {"A": "1"}, {"B": "2"})


def test_a_walltime_that_is_not_in_whole_minutes_stays_what_it_is() -> None:
    assert ask_for({}, Request(walltime_s=5_405)).walltime_s == 5_405


def test_where_nothing_is_said_htcondor_ces_defaults_are_asked_for() -> None:
    ask = ask_for({}, Request())
    assert (ask.cpus, ask.memory_mb, ask.walltime_s, ask.queue, ask.gpus) == (1, 2000, 259_200, None, 0)


def test_a_pilot_can_decline_a_whole_node() -> None:
    assert ask_for({"WantWholeNode": False}, Request(whole_node=True)).whole_node is False


@pytest.mark.parametrize(
    ("attributes", "request_", "name", "value"),
    [
        ({"xcount": 2}, Request(cpus=Expr("max({xcount, 8})")), "cpus", 8),
        ({"xcount": 3}, Request(memory_mb=Expr("xcount * 4096.5")), "memory_mb", 12_290),
        ({"xcount": 3}, Request(memory_mb=Expr("missing * 4096")), "memory_mb", 2000),
        ({"maxWallTime": 90}, Request(walltime_s=Expr("3600")), "walltime_s", 3600),
        (
            {"queue": "x"},
            Request(queue=Expr('ifThenElse(RequestGPUs > 0, "gpu", "cpu")'), gpus=1),
            "queue",
            "x",
        ),
        (
            {"RequestGPUs": 1, "queue": "x"},
            Request(queue=Expr('RequestGPUs > 0 ? "gpu" : "cpu"')),
            "queue",
            "gpu",
        ),
        ({"WantWholeNode": True}, Request(whole_node=Expr("false")), "whole_node", False),
        ({"RequestGPUs": 8}, Request(gpus=Expr("min({RequestGPUs, 2})")), "gpus", 2),
        ({"project": "p"}, Request(account=Expr('strcat("osg_", project)')), "account", "osg_p"),
        ({}, Request(qos=Expr('"q"')), "qos", "q"),
    ],
)
def test_an_expression_decides_and_where_it_is_undefined_the_pilot_does(
    attributes: dict[str, Any], request_: Request, name: str, value: object
) -> None:
    assert getattr(ask_for(attributes, request_), name) == value


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(cpus=Expr("0")), "request.cpus is 0, which is not a number of at least 1"),
        (Request(cpus=Expr('"many"')), "request.cpus is 'many', which is not a number of at least 1"),
        (Request(cpus=Expr("1 / 0")), "request.cpus is an error for this pilot"),
        (
            Request(queue=Expr('"a b"')),
            "request.queue is 'a b', which is not a name that a batch system takes",
        ),
        (Request(queue=Expr('"a\\n#SBATCH --uid=0"')), "request.queue is 'a\\n#SBATCH --uid=0', which"),
        (Request(constraint=Expr('"a b"')), "request.constraint is 'a b'"),
        (Request(whole_node=Expr('"yes"')), "request.whole_node is 'yes', which is neither true nor false"),
    ],
)
def test_what_no_site_can_be_asked_for_is_told_and_no_other_route_is_tried(
    request_: Request, said: str
) -> None:
    decision = decide({}, [route("a", request=request_), route("b")])
    assert decision.route is None
    assert decision.unroutable
    assert f"no route takes it: a: takes it, but {said}" in decision.reason


def test_the_numbers_that_htcondor_ce_gave_for_the_same_pilot() -> None:
    """Recorded from condor_job_router_info 23.9.6 with these defaults."""
    asked = Request(queue="osg_queue", memory_mb=3000, cpus=4, walltime_s=1440 * 60)
    ask = ask_for({"maxMemory": 5000, "RequestCpus": 1, "RequestMemory": 128}, asked)
    assert (ask.queue, ask.walltime_s, ask.cpus, ask.memory_mb) == ("osg_queue", 86_400, 4, 5000)


def test_a_route_to_another_account_takes_no_pilot_of_this_one() -> None:
    rules = {"one": ClusterRules("osg01"), "two": ClusterRules("osg02")}
    routes = [site_route("a", "one"), site_route("b", "two"), site_route("any", "elsewhere")]
    assert decide({}, routes, clusters=rules, account="osg02").route == "b"
    assert decide({}, routes, clusters=rules, account="osg03").route == "any"
    assert decide({}, routes, clusters=rules).route == "a"
    refused = decide({}, routes[:2], clusters=rules, account="osg03")
    assert refused.unroutable
    assert "a: is for account osg01, and the pilot's is osg03" in refused.reason


def test_routes_see_the_account_as_owner() -> None:
    assert decide({"Owner": "forged"}, [route("a", 'Owner == "osg01"')], account="osg01").route == "a"


def test_a_full_route_is_not_the_same_as_none() -> None:
    full = decide({}, [route("a")], at_site(a=Usage(10**6, 0)))
    assert full.route is None
    assert not full.unroutable


def test_the_routes_that_lack_the_least_are_told_first() -> None:
    """A factory sees 200 characters of it."""
    reason = Decision(
        None, None, None,
        (
            Trial("foreign", "is for account a, and the pilot's is b"),
            Trial("far", "`x > 1` is false and `y > 1` is false"),
            Trial("near", "`x > 1` is false (x is 1)"),
            Trial("broken", "takes it, but RequestCpus is 0", failed=True),
        ),
    ).reason  # fmt: skip
    order = [reason.index(name) for name in ("broken", "near", "far", "foreign")]
    assert order == sorted(order)


def test_a_route_whose_pilots_fail_is_slowed_down_and_never_stopped() -> None:
    assert throttled(0.01, Recent(begun=1, failed=6), 0) is None  # not above it
    assert throttled(0.01, Recent(begun=0, failed=500), 0) is None  # one may always be tried
    assert throttled(0.01, Recent(begun=100, failed=500), 0)
    assert throttled(None, Recent(begun=100, failed=500), 0) is None
    mostly_well = Recent(begun=100, failed=7, succeeded=693)
    assert throttled(0.01, mostly_well, 0) is None
