"""Expressions as SET reads them (whole, old strings) and as EVALSET does (the beginning, new strings)."""

from __future__ import annotations

import pytest

from hosted_ce.routing.classad import Ad, AdError, EvaluationFailed, ExpressionError, spell_old
from hosted_ce.routing.htcondor.expressions import beginning, whole


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1 + x", "1 + x"),
        ("-1", "-1"),
        ("- 1", " -1"),
        ("1E3", "1000.0"),
        ('"a\\n"', '"a\\n"'),
        ('"a\\"b"', '"a\\"b"'),
        ('"a\\\\"b"', '"a\\\\"b"'),
        ('"ends\\"', '"ends\\"'),
        ('"two\nlines"', '"two\nlines"'),
        ("x // why", "x"),
        ("/* why */ x", "x"),
        ("x is undefined", "x =?= undefined"),
        ("x ?: 1", "x ?: 1"),
        ("x ? 1 : y ? 2 : 3", "x ? 1 : y ? 2 : 3"),
        ("a ? b : c behind", "a ? b : c"),
        ("a ? b : true (1)", "a ? b : true"),
        ("{ 1,x }[0]", "{ 1,x }[0]"),
        ("[ a = 1; b = x ].a", "[ a = 1; b = x ].a"),
        ("'odd name' + .x", "'odd name' + .x"),
        ("f(1, g(x))", "f(1,g(x))"),
        ("TARGET.x >>> 2", "TARGET.x >>> 2"),
        ("!!x", " ! !x"),
    ],
)
def test_whole_texts(text: str, printed: str) -> None:
    assert spell_old(whole(text).tree) == printed


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1 +", "(1", "1)", "1 2", '"a" "b"', "x; y = 1", "x] || [y", "a b", "f(1", "{1",
        "[a = 1", '"open', "010", "0x1F", "1.", "1e", "is x", "x is", "a ? b", "a : b", "x = 1", "#x",
        "x @ y", "é", "// x", "/* open", 'eval("1")', "evalInEachContext(x, l)", "COUNTMATCHES(x, l)",
        "x" * 40_000, "x\0", '"\udce9"',
        "(" * 1_000 + "1" + ")" * 1_000,
    ],
)  # fmt: skip
def test_what_is_not_one_whole_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        whole(text)


@pytest.mark.parametrize(
    ("text", "printed", "ignored"),
    [
        ("1 2 3", "1", "2 3"),
        ("x; y = 1", "x", "; y = 1"),
        ("1X]", "1", "X]"),
        ("x) || (y", "x", ") || (y"),
        ('"a" "b"', '"ab"', ""),
        ('"a\\n"', '"a\n"', ""),
        ('"a\\"b" c', '"a\\"b"', "c"),
        ("x # why", "x", "# why"),
        ("x // why", "x", ""),
        ("a is b is c", "a =?= b =?= c", ""),
        ("x = 1", "x", "= 1"),
        ("a : b", "a", ": b"),
        ("True (1)", "true", "(1)"),
        ("1 /* open", "1", "/* open"),
        ("1.5.5", "1.5", ".5"),
        ("a..5", "a", "..5"),
        ("0x2.5", "2.3125", ""),
        ("-0x1F]", "0", "]"),
        ("1e5.5e", "100000.0", ".5e"),
        ("a.b(1)", "a.b", "(1)"),
        (".b (1)", ".b", "(1)"),
    ],
)
def test_beginnings(text: str, printed: str, ignored: str) -> None:
    expression = beginning(text)
    assert (spell_old(expression.tree), expression.ignored) == (printed, ignored)


@pytest.mark.parametrize("text", ["", ")", "1 +", "(1", "? x", '"open', 'eval("1")'])
def test_where_no_expression_begins(text: str) -> None:
    with pytest.raises(ExpressionError):
        beginning(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a-b", 1),
        ("", 1),
        ("1a", 1),
        ("a\0", 1),
        ("x", "a\0b"),
        ("x", "\ud800"),
        ("x", 2**70),
        ("x", object()),
    ],
)
def test_what_no_ad_can_hold_is_refused(name: str, value: object) -> None:
    with pytest.raises(AdError):
        Ad({name: value})


def test_an_ad_s_names_are_case_insensitive_and_keep_their_spelling() -> None:
    ad = Ad({"Owner": "a", "x": None})
    ad["OWNER"] = 5
    assert ad.texts() == {"Owner": "5", "x": "undefined"}
    assert "oWnEr" in ad
    assert len(ad) == 2
    del ad["owner"]
    del ad["owner"]
    assert list(ad) == ["x"]
    assert (ad.get("owner"), ad.value("owner"), ad.words("owner"), ad.value("x")) == (None, None, None, None)


def test_what_is_too_deep_to_evaluate_is_told() -> None:
    ad = Ad({"x0": 1})
    for depth in range(1, 500):
        ad[f"x{depth}"] = whole(f"x{depth - 1} + 1").tree
    assert ad.evaluate(whole("x100").tree) == 101
    for ask in (ad.evaluate, ad.simplify):
        with pytest.raises(EvaluationFailed):
            ask(whole("x499").tree)


def test_a_circle_of_attributes_is_undefined() -> None:
    ad = Ad({"a": whole("b + b").tree, "b": whole("a + a").tree})
    assert ad.value("a") is None


def test_flattening_puts_attributes_in() -> None:
    ad = Ad({"limit": 3})
    assert spell_old(ad.flatten(whole("x > limit + 1").tree)) == "x > 4"
    assert spell_old(ad.flatten(whole("limit").tree)) == "3"
