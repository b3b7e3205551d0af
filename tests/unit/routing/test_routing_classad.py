"""Expressions of site files: HTCondor's semantics, and nothing that is not one whole expression."""

from __future__ import annotations

import pytest

from hosted_ce.routing.classad import ExpressionError
from hosted_ce.routing.compile import check_expression, site_route
from tests.fakes.classads import evaluate

AD = {"xcount": 8, "queue": "osg", "WantWholeNode": True, "Name": 'Zürich "a" \\ b'}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("xcount > 4", True),
        ("XCOUNT > 4", True),  # names are case-insensitive
        ('queue == "OSG"', True),  # and so is ==
        ('queue =?= "OSG"', False),
        ("MY.xcount == 8", True),
        ("TARGET.xcount == 8", None),
        ("WantWholeNode", True),
        ("missing > 4", None),
        ("missing =?= undefined", True),
        ("isUndefined(missing)", True),
        ("missing ?: 3", 3),
        ("1 / 0", None),
        ('stringListMember(queue, "lhc, osg")', True),
        ('stringListMember("cms", "lhc, osg")', False),
        ('regexp("^o", queue)', True),
        ('regexp("(", queue)', None),
        ("ifThenElse(xcount > 4, 1, 2)", 1),
        ('strcat(queue, "-", xcount)', "osg-8"),
        ('Name == "Zürich \\"a\\" \\ b"', True),  # a backslash is one, but before a quote
        ("xcount > 4 &&\n  queue == \"osg\"", True),
        ("{1, 2}[1]", 2),
        ("[a = 1].a", 1),
        ('")" == ")" && "}" == "}"', True),
    ],
)  # fmt: skip
def test_expressions_mean_what_they_mean_in_htcondor(text: str, value: object) -> None:
    assert check_expression(text) is None
    found = evaluate(text, AD)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a b", "true)", "(true", "true) || (true", "a}", "{a", "a} , {b", "a, b", "a)}", "a})",
        "[a=1", "true] [b=c", "true]\n[X = 1", "true\nY = 2", "X = 1", "true;", "f(a", "f(a))", '"open',
        "# true", "é", "true\0false", "xcount >", "\udce9", "a ? b : c d", "eval(x)",
    ],
)  # fmt: skip
def test_what_is_not_one_whole_expression_is_refused(text: str) -> None:
    assert check_expression(text)


def test_a_route_with_what_is_no_expression_cannot_be_made() -> None:
    with pytest.raises(ExpressionError):
        site_route("a", "main", when="xcount >")


@pytest.mark.parametrize("name", ["error", "undefined", "parent", "my", "target", "isnt", "X"])
def test_an_attribute_s_name_cannot_break_an_expression(name: str) -> None:
    assert evaluate("xcount == 8", {**AD, name: 1}) is True


def test_values_are_values_and_never_expressions() -> None:
    assert evaluate('queue == "osg" || true', {"queue": '" || true || "'}) is True
    assert evaluate('queue == "osg"', {"queue": 'osg" || "a" == "a'}) is False
