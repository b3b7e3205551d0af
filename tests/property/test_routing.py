"""Routing decisions, for any pilots, routes and usage."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hosted_ce.pilots.spec import NOT_NEGATIVE, POSITIVE, SITE_WORDS, TRUTHS, PilotSpec
from hosted_ce.routing.classad import evaluate
from hosted_ce.routing.decide import decide
from hosted_ce.routing.model import Decision, Defaults, Limits, Route, Usage

CONDITIONS = [
    None, "true", "false", "undefined", "error", "1", '"true"', "xcount > 4", "xcount <= 4", 'queue == "osg"',
    "missing", "WantWholeNode", "RequestGPUs > 0", "isUndefined(xcount)", "note =!= undefined",
    'stringListMember(queue, "osg,lhc")', "xcount / RequestGPUs > 1",
]  # fmt: skip

names = st.sampled_from(["a", "b", "c", "d"])
counts = st.integers(min_value=0, max_value=4)
usages = st.builds(Usage, pilots=counts, idle=counts)
routes = st.builds(
    Route,
    name=names,
    cluster=st.just("main"),
    limits=st.builds(Limits, pilots=counts, idle=counts),
    defaults=st.builds(Defaults, cpus=st.integers(1, 64), queue=st.none() | st.just("osg")),
    when=st.sampled_from(CONDITIONS),
)
positive = st.integers(min_value=1, max_value=2**31 - 1)
known = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(POSITIVE, positive),
        **dict.fromkeys(NOT_NEGATIVE, st.integers(0, 8)),
        **dict.fromkeys(SITE_WORDS, st.sampled_from(["osg", "lhc", "OSG"])),
        **dict.fromkeys(TRUTHS, st.booleans()),
    },
)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)
)
others = st.dictionaries(st.sampled_from(["note", "error", "My", "undefined", "X", "target"]), scalars)


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    """Attributes that a pilot may have: a front door took them."""
    asked = {**draw(others), **draw(known)}
    files = [{"name": "run", "sha256": "0" * 64}]
    spec = PilotSpec.model_validate({"executable": "run", "inputs": files, "attributes": asked})
    return dict(spec.attributes)


def takes(route: Route, asked: dict[str, Any]) -> bool:
    return route.when is None or evaluate(route.when, asked) is True


def has_room(route: Route, usage: dict[str, Usage]) -> bool:
    used = usage.get(route.name, Usage())
    return used.pilots < route.limits.pilots and used.idle < route.limits.idle


@given(attributes(), st.lists(routes, max_size=5), st.dictionaries(names, usages))
def test_the_first_route_that_takes_it_and_has_room_is_taken_and_no_other(
    asked: dict[str, Any], given_routes: list[Route], usage: dict[str, Usage]
) -> None:
    decision = decide(asked, given_routes, usage)
    able = [route for route in given_routes if takes(route, asked) and has_room(route, usage)]
    assert decision.route is (able[0] if able else None)
    assert (decision.ask is None) == (decision.route is None)
    assert_explained(decision, given_routes, asked)


def assert_explained(decision: Decision, given_routes: list[Route], asked: dict[str, Any]) -> None:
    """Each route that was tried is named with its obstacle; only the one taken has none."""
    tried = given_routes[: len(decision.trials)]
    for route, trial in zip(tried, decision.trials, strict=True):
        assert trial.route == route.name
        assert (trial.obstacle is None) == (route is decision.route)
        assert trial.full == (trial.obstacle is not None and takes(route, asked))
        if trial.obstacle and decision.route is None:
            assert f"{route.name}: {trial.obstacle}" in decision.reason
    if decision.route is None:
        assert len(tried) == len(given_routes)
        waits = any(takes(route, asked) for route in given_routes)
        assert decision.reason.startswith("waits for room" if waits else "no route takes it")


@given(attributes(), routes)
def test_what_is_asked_for_can_be_asked_of_any_site(asked: dict[str, Any], one: Route) -> None:
    open_route = Route(one.name, one.cluster, Limits(1, 1), one.defaults)
    ask = decide(asked, [open_route], {}).ask
    assert ask
    assert ask.cpus >= 1
    assert ask.memory_mb >= 1
    assert ask.walltime_s >= 1
    assert ask.gpus >= 0
    assert isinstance(ask.whole_node, bool)
    assert ask.queue is None or isinstance(ask.queue, str)


@settings(max_examples=30)  # each is 25 decisions
@given(st.lists(routes, min_size=1, max_size=4, unique_by=lambda route: route.name), st.data())
def test_limits_hold_however_many_pilots_come(given_routes: list[Route], data: st.DataObject) -> None:
    usage: dict[str, Usage] = {}
    for _ in range(25):
        decision = decide(data.draw(attributes()), given_routes, usage)
        if decision.route is None:
            continue
        name = decision.route.name
        used = usage.get(name, Usage())
        usage[name] = Usage(used.pilots + 1, used.idle + data.draw(st.integers(0, 1)))
    for route in given_routes:
        used = usage.get(route.name, Usage())
        assert used.pilots <= route.limits.pilots
        assert used.idle <= route.limits.idle
