"""Pilots that ask for the same: routed once in a look at the queue, and as each would be alone."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.routing import applied
from hosted_ce.routing.applied import Applicant, Applicants, CannotRoute
from hosted_ce.routing.decide import decide
from hosted_ce.routing.htcondor.router import route_ad
from hosted_ce.routing.model import ClusterRules
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.request import Expr, Request
from hosted_ce.routing.route import Language, Route, Table
from tests.fakes.routes import CLUSTER, route

TABLE = Table(
    (route("a", when="x > 1", request=Request(cpus=Expr("x"))), route("b")), {CLUSTER: ClusterRules()}
)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The routes that made something of a pilot, one after the other."""
    routes: list[str] = []

    def counted(router: Any, program: Any, ad: Any) -> Any:
        routes.append(program.name)
        return route_ad(router, program, ad)

    monkeypatch.setattr(applied, "route_ad", counted)
    return routes


def routed(applicants: Applicants, attributes: dict[str, Any], table: Table = TABLE, **more: Any) -> Any:
    return decide(attributes, table, Occupancy(), now=0.0, applicants=applicants, **more)


def test_many_that_ask_for_the_same_are_routed_once(made: list[str]) -> None:
    applicants = Applicants()
    asks = [routed(applicants, {"x": 2}).ask for _ in range(100)]
    assert made == ["a"]
    assert asks == asks[:1] * 100


def test_of_many_that_differ_a_bounded_number_is_kept(
    made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applied, "MOST_KNOWN", 3)
    applicants, kept = Applicants(), list[weakref.ref[Applicant]]()
    for number in range(10):
        kept.append(weakref.ref(applicants.of({"x": number}, None, {}, TABLE)))
        assert sum(ref() is not None for ref in kept) <= 3
    assert routed(applicants, {"x": 9}).ask == routed(applicants, {"x": 9}).ask
    assert made == ["a"]


@pytest.mark.parametrize(
    ("attributes", "more"),
    [
        ({"x": 3}, {}), ({"x": 2.0}, {}), ({"x": True}, {}), ({"X": 2}, {}), ({"x": 2, "y": 1}, {}),
        ({"x": 2}, {"account": "osg01"}), ({"x": 2}, {"environment": {"A": "1"}}),
    ],
)  # fmt: skip
def test_whoever_differs_in_anything_is_routed_by_itself(
    made: list[str], attributes: dict[str, Any], more: dict[str, Any]
) -> None:
    applicants = Applicants()
    routed(applicants, {"x": 2})
    routed(applicants, attributes, **more)
    assert len(made) == 2


RANDOM = Request(cpus=Expr("1 + random(3)"))
OF_HTCONDOR = replace(route("r"), language=Language.HTCONDOR)


@pytest.mark.parametrize(
    "one",
    [route("r", request=RANDOM), route("r", environment={"A": Expr("RANDOM()")}), OF_HTCONDOR],
    ids=["request", "environment", "htcondor"],
)
def test_what_may_be_random_is_another_for_each(made: list[str], one: Route) -> None:
    applicants, table = Applicants(), Table((one,), {CLUSTER: ClusterRules()})
    for _ in range(3):
        routed(applicants, {"x": 2}, table)
    assert made == ["r"] * 3


def test_other_routes_make_it_anew(made: list[str]) -> None:
    """A site file may be reloaded within a look. Ramps grow meanwhile, and change nothing of it."""
    applicants = Applicants()
    routed(applicants, {"x": 2})
    routed(applicants, {"x": 2}, replace(TABLE, ramps={}))
    assert made == ["a"]
    other = replace(TABLE, routes=(route("a", request=Request(cpus=7)),))
    assert routed(applicants, {"x": 2}, other).ask.cpus == 7
    assert made == ["a", "a"]


def test_what_cannot_be_routed_is_told_to_each_of_them(made: list[str]) -> None:
    table = Table((route("a", request=Request(cpus=Expr('"many"'))),), {CLUSTER: ClusterRules()})
    applicants = Applicants()
    first, second = (routed(applicants, {"x": 2}, table) for _ in range(2))
    assert first == second
    assert first.ask is None
    assert "takes it, but" in first.reason
    assert made == ["a"]
    pilot = applicants.of({"x": 2}, None, {}, table)
    with pytest.raises(CannotRoute):
        pilot.routed(table.routes[0])


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-3, 3), st.sampled_from(["", "2", "x"])
)


@given(st.lists(st.dictionaries(st.sampled_from(["x", "X", "y"]), VALUES), max_size=8))
def test_each_is_routed_as_it_would_be_alone(pilots: list[dict[str, Any]]) -> None:
    applicants = Applicants()
    assert [routed(applicants, pilot) for pilot in pilots] == [
        routed(Applicants(), pilot) for pilot in pilots
    ]
