"""Routing decisions, for any pilots, routes and usage."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hosted_ce.pilots.spec import NOT_NEGATIVE, POSITIVE, SITE_WORDS, TRUTHS, PilotSpec
from hosted_ce.routing.compile import check_expression, site_route
from hosted_ce.routing.decide import decide
from hosted_ce.routing.limits import Admission, Caps, Limits, Usage, fullness, too_soon
from hosted_ce.routing.model import ClusterRules, Decision
from hosted_ce.routing.occupancy import Occupancy, Occupied
from hosted_ce.routing.request import Expr, Request
from hosted_ce.routing.route import Route, Table
from tests.fakes.classads import evaluate

CONDITIONS = [
    None, "true", "false", "undefined", "error", "1", '"true"', "xcount > 4", "xcount <= 4", 'queue == "osg"',
    "missing", "WantWholeNode", "RequestGPUs > 0", "isUndefined(xcount)", "note =!= undefined",
    'stringListMember(queue, "osg,lhc")', "xcount / RequestGPUs > 1", "xcount > 1 && xcount < 100",
]  # fmt: skip

names = st.sampled_from(["a", "b", "c", "d"])
counts = st.integers(min_value=0, max_value=4)
caps = st.builds(
    Caps, pilots=st.none() | counts, idle=st.none() | counts, running=st.none() | counts,
    cores=st.none() | st.integers(0, 100),
)  # fmt: skip
limits = st.builds(
    Limits, caps=caps, submits=st.none() | st.integers(1, 6),
    per_vo=st.dictionaries(st.sampled_from(["one", "two", "*"]), caps, max_size=2),
)  # fmt: skip
usages = st.builds(Usage, pilots=counts, idle=counts, cores=st.integers(0, 64), submits=st.integers(0, 5))
requests = st.builds(
    Request, cpus=st.integers(1, 64) | st.just(Expr("xcount * 2")), queue=st.none() | st.just("osg")
)
routes = st.builds(
    site_route, name=names, cluster=st.sampled_from(["x", "y"]), limits=limits, request=requests,
    when=st.sampled_from(CONDITIONS), falls_through=st.booleans(),
)  # fmt: skip
positive = st.integers(min_value=1, max_value=2**31 - 1)
known = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(POSITIVE, positive),
        **dict.fromkeys(NOT_NEGATIVE, st.integers(0, 8)),
        **dict.fromkeys(SITE_WORDS, st.sampled_from(["osg", "lhc", "OSG"])),
        **dict.fromkeys(TRUTHS, st.booleans()),
        "x509UserProxyVOName": st.sampled_from(["one", "two", "three"]),
    },
)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)
)
others = st.dictionaries(
    st.sampled_from(["note", "error", "My", "undefined", "X", "target", "HostedCE_cpus"]), scalars
)


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    """Attributes that a pilot may have: a front door took them."""
    asked = {**draw(others), **draw(known)}
    files = [{"name": "run", "sha256": "0" * 64}]
    spec = PilotSpec.model_validate({"executable": "run", "inputs": files, "attributes": asked})
    return dict(spec.attributes)


@st.composite
def occupancies(draw: st.DrawFn) -> Occupancy:
    """Who may be at the site."""
    rows = draw(
        st.lists(
            st.builds(Occupied, names, st.sampled_from(["x", "y"]), st.sampled_from(["one", "two"]), usages),
            max_size=5,
        )
    )
    return Occupancy.of(rows)


def takes(route: Route, asked: dict[str, Any]) -> bool:
    if route.when is None:
        return True
    value = evaluate(route.when, asked)
    return isinstance(value, bool | int | float) and bool(value)


@given(attributes(), st.lists(routes, max_size=5, unique_by=lambda route: route.name), occupancies())
def test_the_first_route_that_takes_it_is_taken_or_waited_for_and_no_other(
    asked: dict[str, Any], given_routes: list[Route], occupancy: Occupancy
) -> None:
    decision = decide(asked, Table(tuple(given_routes)), occupancy, now=0.0)
    assert (decision.ask is None) == (decision.route is None)
    for route, trial in zip(given_routes, decision.trials, strict=False):
        last = trial is decision.trials[-1]
        assert trial.route == route.name
        if not takes(route, asked):
            assert trial.obstacle
            assert not trial.full
        elif route.name == decision.route:
            assert trial.obstacle is None
            assert last
        else:
            assert trial.obstacle
            assert trial.full
            assert route.falls_through or last
    assert_explained(decision, given_routes)


def assert_explained(decision: Decision, given_routes: list[Route]) -> None:
    """Each route that was tried is named with its obstacle; only the one taken has none."""
    for trial in decision.trials:
        assert (trial.obstacle is None) == (trial.route == decision.route)
        if decision.route is None:
            assert f"{trial.route}: {trial.obstacle}" in decision.reason
    if decision.route is None:
        waits = any(trial.full for trial in decision.trials)
        assert decision.unroutable != waits
        assert decision.reason.startswith("waits for room" if waits else "no route takes it")
        if not waits:
            assert len(decision.trials) == len(given_routes)


@given(attributes(), routes)
def test_what_is_asked_for_can_be_asked_of_any_site(asked: dict[str, Any], one: Route) -> None:
    open_route = site_route(one.name, one.cluster, request=Request(cpus=8, queue="osg"))
    ask = decide(asked, Table((open_route,)), Occupancy(), now=0.0).ask
    assert ask
    assert ask.cpus >= 1
    assert ask.memory_mb >= 1
    assert ask.walltime_s >= 1
    assert ask.gpus >= 0
    assert isinstance(ask.whole_node, bool)
    assert ask.queue is None or isinstance(ask.queue, str)


@settings(max_examples=50)  # each is 25 decisions
@given(st.lists(routes, min_size=1, max_size=4, unique_by=lambda route: route.name), caps, st.data())
def test_limits_hold_however_many_pilots_come(
    given_routes: list[Route], of_cluster: Caps, data: st.DataObject
) -> None:
    table = Table(tuple(given_routes), {"x": ClusterRules(None, of_cluster)})
    occupancy = Occupancy()
    for _ in range(25):
        decision = decide(data.draw(attributes()), table, occupancy, now=0.0)
        if decision.route and decision.cluster and decision.ask:
            occupancy.take(decision.route, decision.cluster, decision.vo, decision.ask.cpus)
    for route in given_routes:
        used = occupancy.of_route(route.name)
        assert_within(route.limits.caps, used)
        assert route.limits.submits is None or used.submits <= route.limits.submits
        for vo in ("one", "two", "three", "unknown"):
            assert_within(route.limits.of_vo(vo), occupancy.of_vo(route.name, vo))
    assert_within(of_cluster, occupancy.of_cluster("x"))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=5, max_size=25))
def test_ramps_hold_whatever_they_are_moved_to_and_let_tests_through(events: list[tuple[bool, int]]) -> None:
    """Each time another cap is in force: nothing is begun above it, also where more are there already."""
    occupancy, route = Occupancy(), site_route("a", "x")
    for test, cap in events:
        table = Table((route,), ramps={"a": Admission(cap, 10)})
        before = occupancy.of_route("a")
        decision = decide({}, table, occupancy, now=0.0, test=test)
        assert (decision.route is not None) == (test or before.pilots - before.tests < cap)
        if decision.route:
            occupancy.take("a", "x", decision.vo, 1, test=test)
        else:
            assert f"the ramp admits {cap} of 10 pilots now" in decision.reason
            assert not decision.unroutable


def assert_within(most: Caps, used: Usage) -> None:
    assert most.pilots is None or used.pilots <= most.pilots
    assert most.running is None or used.pilots <= most.running
    assert most.idle is None or used.idle <= most.idle
    assert most.cores is None or used.cores <= most.cores


@given(caps, usages, st.integers(1, 64))
def test_there_is_room_exactly_when_one_more_would_be_within_the_limits(
    most: Caps, used: Usage, cores: int
) -> None:
    after = used + Usage(1, 1, cores)
    within = all(
        cap is None or number <= cap
        for cap, number in (
            (most.pilots, after.pilots), (most.running, after.pilots), (most.idle, after.idle),
            (most.cores, after.cores),
        )
    )  # fmt: skip
    assert (fullness(most, used, "its", cores) is None) == within


@given(st.integers(1, 6), usages)
def test_no_more_submits_in_a_minute_than_may_be(most: int, used: Usage) -> None:
    assert (too_soon(Limits(submits=most), used) is None) == (used.submits < most)


TOKENS = r"""
xcount queue MY. TARGET. ( ) [ ] { } && || ! ? : ?: =?= == < + - / % 1 0 1e300 0x1F "a" " ' \ , ; .
undefined error true strcat( regexp( substr( split( eval( ifThenElse( $(x) $ // /* */ #SBATCH é
"""
PIECES = st.sampled_from(TOKENS.split())
OPERATORS = st.sampled_from(["&&", "||", "==", "=?=", "<", "+", "*", "/", "%", "?:", "is", ","])
LEAVES = st.sampled_from(
    [
        *(
            "xcount",
            "queue",
            "MY.xcount",
            "TARGET.queue",
            "missing",
            "1",
            "0",
            "1e300",
            "-1",
            '"a b"',
            "true",
        ),
        *("undefined", "error", "{1, 2}", "[x = 1].x", "strcat(queue, xcount)", 'regexp("(", queue)'),
        *("substr(queue, 1)", "split(queue)"),
    ]
)
expressions = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(inner, OPERATORS, inner).map(" ".join)
        | inner.map("({})".format)
        | inner.map("!{}".format)
        | st.tuples(inner, inner, inner).map(lambda parts: "ifThenElse({}, {}, {})".format(*parts))
    ),
    max_leaves=6,
)
any_text = expressions | st.text(max_size=30) | st.lists(PIECES, max_size=12).map(" ".join)


@settings(max_examples=400)
@given(attributes(), any_text, any_text, st.sampled_from(["cpus", "memory_mb", "queue", "whole_node"]))
def test_any_text_as_condition_or_value_gives_a_decision_or_is_refused(
    asked: dict[str, Any], when: str, value: str, field: str
) -> None:
    when = "true" if check_expression(when) else when
    value = "undefined" if check_expression(value) else value
    route = site_route("a", "x", when=when, request=Request(**{field: Expr(value)}))  # type: ignore[arg-type]
    decision = decide(asked, Table((route,)), Occupancy(), now=0.0)
    assert decision.reason
    for text in (decision.ask.queue, decision.ask.constraint) if decision.ask else ():
        assert text is None or (text.isascii() and text.isprintable() and " " not in text)
