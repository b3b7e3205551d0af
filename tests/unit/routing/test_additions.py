"""What a site file's route adds by expressions: options and variables made of the routed job."""

from __future__ import annotations

from typing import Any

import pytest

from hosted_ce.routing.decide import decide
from hosted_ce.routing.model import Ask, ClusterRules, Decision
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.request import Expr, Request
from hosted_ce.routing.route import Table
from tests.fakes.routes import CLUSTER, route

RULES = ClusterRules(check_computed=lambda text: "no good" if "bad" in text else None)


def decision(attributes: dict[str, Any], **more: Any) -> Decision:
    return decide(attributes, Table((route("a", **more),), {CLUSTER: RULES}), Occupancy(), now=0.0)


def ask(attributes: dict[str, Any], **more: Any) -> Ask:
    found = decision(attributes, **more)
    assert found.ask, found.reason
    return found.ask


def variable(expression: str, attributes: dict[str, Any], **more: Any) -> str | None:
    return ask(attributes, environment={"V": Expr(expression)}, **more).environment.get("V")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("ProjectName", "it's $(x)"),
        ("missing", None),
        ("xcount * 2", "16"),
        ("xcount > 4", "true"),
        ("xcount / 3.0", "2.6666666666666665"),
        ('"undefined"', "undefined"),
        ('""', ""),
        ('strcat(ProjectName, "!")', "it's $(x)!"),
    ],
)
def test_a_variable_has_the_values_text(expression: str, text: str | None) -> None:
    assert variable(expression, {"xcount": 8, "ProjectName": "it's $(x)"}) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RequestCpus", "3"), ("RequestMemory", "9000"), ("BatchRuntime", "7200"), ("BatchQueue", "long"),
        ("BatchProject", "acc"), ("RequestGPUs", "2"), ("WholeNodes", "true"),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_site_can_be_seen(name: str, text: str) -> None:
    """Whether the pilot, the route or an expression said it."""
    request = Request(
        cpus=Expr("min({xcount, 3})"), memory_mb=Expr("9000"), walltime_s=7200, queue="long", account="acc",
        whole_node=True,
    )  # fmt: skip
    assert variable(name, {"xcount": 8, "RequestGPUs": 2}, request=request) == text


def test_what_is_not_asked_for_is_undefined() -> None:
    assert variable("BatchQueue", {}) is None


def test_the_pilots_own_value_stays_where_the_route_has_none() -> None:
    assert ask({}, environment={"A": Expr("missing"), "B": "b"}).environment == {"B": "b"}


def test_options_are_made_in_their_order_and_left_out_where_undefined() -> None:
    items = ("--plain=bad", Expr('strcat("--licenses=", License)'), Expr("missing"), Expr('""'), "--last")
    assert ask({"License": "a:1"}, extra=items).extra == ("--plain=bad", "--licenses=a:1", "--last")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"extra": ("--a", Expr("word"))}, "request.extra[1]: no good"),
        ({"extra": (Expr("xcount"),)}, "request.extra[0] is 8, which is no text"),
        ({"extra": (Expr('"a" + 1'),)}, "request.extra[0] is an error for this pilot"),
        ({"environment": {"V": Expr("{1, 2}")}}, "request.environment.V is [1, 2], which is neither"),
        ({"environment": {"V": Expr("1 / 0")}}, "request.environment.V is an error for this pilot"),
        ({"environment": {"V": Expr('"a\\nb"')}}, "request.environment.V is 'a\\nb', which is not one line"),
    ],
)
def test_what_cannot_be_added_keeps_the_pilot_here_with_the_key(more: dict[str, Any], why: str) -> None:
    found = decision({"xcount": 8, "word": "bad"}, **more)
    assert (found.route, found.ask) == (None, None)
    assert why in found.reason


def test_a_prologue_is_the_same_for_every_pilot() -> None:
    assert (
        ask({"ProjectName": "x"}, prologue="echo $(MY.ProjectName)\n").prologue == "echo $(MY.ProjectName)\n"
    )
