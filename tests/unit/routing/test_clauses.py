"""Why a condition did not hold: clause by clause, with what the attributes were."""

from __future__ import annotations

import pytest

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.clauses import obstacle_in

AD = {"xcount": 8, "queue": "osg", "WantWholeNode": False, "RequestGPUs": 0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("xcount > 9", "`xcount > 9` is false (xcount is 8)"),
        ("missing > 9", "`missing > 9` is undefined (missing is not there)"),
        ("1 / 0", "`1 / 0` is error"),
        ('"true"', "`\"true\"` is true"),
        ("false", "`false` is false"),
        ("xcount == 8 && RequestGPUs > 0", "`RequestGPUs > 0` is false (RequestGPUs is 0)"),
        (
            'queue == "cms" && xcount > 4 && missing',
            '`queue == "cms"` is false (queue is \'osg\') and `missing` is undefined (missing is not there)',
        ),
        ("((xcount > 4) && (xcount < 6))", "`xcount < 6` is false (xcount is 8)"),
        ("xcount < 4 || xcount > 9 && WantWholeNode",
         "`xcount < 4 || xcount > 9 && WantWholeNode` is false (xcount is 8, WantWholeNode is false)"),
        ("WantWholeNode ? true && true : false && true",
         "`WantWholeNode ? true && true : false && true` is false (WantWholeNode is false)"),
        ('stringListMember(queue, "cms,atlas") && xcount',
         '`stringListMember(queue, "cms,atlas")` is false (queue is \'osg\')'),
        ('queue == "a && b"', "`queue == \"a && b\"` is false (queue is 'osg')"),
        ("MY.xcount > 9", "`MY.xcount > 9` is false (xcount is 8)"),
    ],
)  # fmt: skip
def test_only_the_clauses_that_do_not_hold_are_told(text: str, said: str) -> None:
    assert obstacle_in(text, Ad(AD)) == said


def test_a_long_text_is_shortened() -> None:
    said = obstacle_in(f'queue == "{"x" * 500}"', Ad({"queue": "y" * 5000}))
    assert len(said) < 400


def test_clauses_that_hold_one_by_one_are_not_blamed() -> None:
    """`&&` of a number and a truth is an error of its own."""
    assert "is not true" in obstacle_in("xcount && true", Ad(AD)) or "`" in obstacle_in(
        "xcount && true", Ad(AD)
    )
