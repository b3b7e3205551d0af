"""Macros as HTCondor expands them; the values were recorded from condor_job_router_info 25.14."""

from __future__ import annotations

from random import Random

import pytest

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.macro_scope import Budget, TooMuch
from hosted_ce.routing.htcondor.macros import expand
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.references import find_macro
from hosted_ce.routing.htcondor.scope import TransformScope

CONFIG = """\
three = 3
half = 0.5
words = a, b , c
path = "/var/log/pilot.out.gz"
indirect = three
nothing =
sum = 1 + $(three)
big = 9223372036854775807
huge = 1e30
hex = -0x1F
hexfraction = 0x1p-2
hexhuge = -0x1p99999
minus = -0
"""
PILOT = {"Owner": "osg01", "xcount": 8, "ratio": 1.5, "yes": True, "Cmd": "$(secret) $$(Cpus)"}


def scope() -> TransformScope:
    ad = Ad(PILOT)
    ad["later"] = whole("xcount * 2").tree
    ad["bracketed"] = whole('("text")').tree
    return TransformScope(
        read_config([("c", CONFIG)]).lookup, ad, environment={"HOME": "/home/ce"}, random=Random(1)
    )


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("plain", "plain"),
        ("$(three)", "3"),
        ("$(THREE)", "3"),
        ("$(nope)", ""),
        ("$(nope:0)", "0"),
        ("$(nothing:full)", "full"),
        ("$(three:0)", "3"),
        ("$(nope:a b,c.d/e:f)", "a b,c.d/e:f"),
        ("$(nope:$(three))", "3"),
        ("$(nope:$(nope:$(three)))", "3"),
        ("$(three:$(nope:$(three)))", "3)"),  # the third bracket is left over
        ("$($(indirect))", "3"),
        ("$(nope:no-default)", "$(nope:no-default)"),
        ('$(nope:"")', '$(nope:"")'),
        ("$( three )", "$( three )"),
        ("$(JobStatus != 3)", "$(JobStatus != 3)"),
        ("$$(three)", "$$(three)"),
        ("$$([$(three) ?: 1])", "$$([3 ?: 1])"),
        ("$(DOLLAR)(three)", "$(three)"),
        ("$(MY.Owner)", "osg01"),
        ("$(my.owner)", "osg01"),
        ("$(MY.xcount)", "8"),
        ("$(MY.ratio)", "1.5"),
        ("$(MY.yes)", "true"),
        ("$(MY.later)", "xcount * 2"),
        ("$(MY.bracketed)", "text"),
        ("$(MY.absent:none)", "none"),
        ("$(MY.Cmd)", "$(secret) $$(Cpus)"),  # a pilot's text is not expanded again
        ("$(IsLinux)$(IsWindows)", "10"),
        ("$(three", "$(three"),
        ("$NOSUCH(three)", "$NOSUCH(three)"),
        ("a$", "a$"),
    ],
)
def test_references(text: str, expanded: str) -> None:
    assert expand(text, scope()) == expanded


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$INT(three)", "3"),
        ("$INT(sum)", "4"),
        ("$INT(2 * 8)", "16"),
        ("$INT(MY.xcount)", "8"),
        ("$INT(MY.ratio)", "1"),
        ("$INT(MY.yes)", "1"),
        ("$INT(three,%05d)", "00003"),
        ("$INT(three,[%-4x])", "[3   ]"),
        ("$INT(big,%d)", "-1"),  # C's int has 32 bits
        ("$INT(big)", "9223372036854775807"),
        ("$INT(99999999999999999999)", "9223372036854775807"),
        ("$INT(MY.Owner)", ""),
        ("$INT(nope)", ""),
        ("$INT(three,%s)", "%s"),
        ("$INT($(three))", ")"),
        ("$REAL(half)", "0.5"),
        ("$REAL(three)", "3"),
        ("$REAL(three,%.0f)", "3.0"),
        ("$REAL(half,%.3e)", "5.000e-01"),
        ("$REAL(inf)", "INF"),
        ("$REAL(hex)", "-31"),
        ("$REAL(hexfraction)", "0.25"),
        ("$REAL(hexhuge)", "-INF"),
        ("$REAL(minus,%.1f)", "-0.0"),
        ("$INT(huge)", "-9223372036854775808"),
        ("$STRING(MY.Owner)", "osg01"),
        ('$STRING("a" == "a")', '"a" == "a"'),
        ('$STRING("a,b")', 'b"'),  # the comma begins a format, which is none
        ("$STRING(three,<%4s>)", "<   3>"),
        ("$STRING(MY.Owner,%.3s)", "osg"),
        ("$STRING(MY.Cmd)", "$(secret) $$(Cpus)"),
        ("$EVAL(sum)", "4"),
        ("$EVAL(xcount + 1)", "9"),
        ("$EVAL(MY.later)", "16"),
        ("$EVAL(half)", "5.000000000000000E-01"),
        ("$EVAL(no good)", ""),
        ("$CHOICE(1,a,b,c)", "b"),
        ("$CHOICE(1,words)", "b"),
        ("$CHOICE(three,a,b,c, d )", "d"),
        ("$CHOICE(9,a,b)", ""),
        ("$CHOICE(x,a,b)", "a"),
        ("$CHOICE(1,nope)", ""),
        ("$CHOICE(1)", ""),
        ("$SUBSTR(MY.Owner,3)", "01"),
        ("$SUBSTR(MY.Owner,-2)", "01"),
        ("$SUBSTR(MY.Owner,1,2)", "sg"),
        ("$SUBSTR(MY.Owner,0,-2)", "osg"),
        ("$SUBSTR(MY.Owner,9)", ""),
        ("$SUBSTR(MY.Owner,1,2,3)", ""),
        ("$SUBSTR(MY.Owner)", ""),
        ("$SUBSTR(MY.Owner,x)", ""),
        ("$SUBSTR(nope,1)", ""),
        ("$ENV(HOME)", "/home/ce"),
        ("$ENV(nope)", "UNDEFINED"),
        ("$ENV(nope:default)", "default"),
        ("$F(path)", "/var/log/pilot.out.gz"),
        ("$Fn(path)", "pilot.out"),
        ("$Fx(path)", ".gz"),
        ("$Fbx(path)", "gz"),
        ("$Fnx(path)", "pilot.out.gz"),
        ("$Fp(path)", "/var/log/"),
        ("$Fpb(path)", "/var/log"),
        ("$Fd(path)", "log/"),
        ("$Fdd(path)", "var/log/"),
        ("$Fdn(path)", "log/pilot.out"),
        ("$Fq(path)", '"/var/log/pilot.out.gz"'),
        ("$Fqn(path)", '"pilot.out"'),
        ("$Fqan(path)", "'pilot.out'"),
        ("$Fqp(three)", '"'),  # one quote, as in HTCondor
        ("$Fw(path)", "\\var\\log\\pilot.out.gz"),
        ("$F(nope)", "nope"),
        ("$BASENAME(path)", "pilot.out.gz"),
        ("$BASENAME(path,.gz)", "pilot.out"),
        ("$BASENAME(path, .bz2)", "pilot.out.gz"),
        ("$DIRNAME(path)", "/var/log/"),
    ],
)
def test_functions(text: str, expanded: str) -> None:
    assert expand(text, scope()) == expanded


def test_a_function_that_fails_is_complained_of_and_leaves_nothing() -> None:
    where = scope()
    assert expand("<$INT(MY.Owner)>", where) == "<>"
    assert where.complaints == ["$INT(MY.Owner): `osg01` is not an integer"]


def test_random_functions_choose_among_what_is_given() -> None:
    where = scope()
    assert {expand("$RANDOM_CHOICE(a, b,c)", where) for _ in range(60)} == {"a", "b", "c"}
    assert {expand("$RANDOM_CHOICE(words)", where) for _ in range(60)} == {"a", "b", "c"}
    assert {expand("$RANDOM_INTEGER(1,7,3)", where) for _ in range(60)} == {"1", "4", "7"}
    for bad in ("$RANDOM_INTEGER(7,1)", "$RANDOM_INTEGER(a,b)", "$RANDOM_INTEGER(1,2,0)", "$RANDOM_CHOICE()"):
        assert expand(bad, where) == ""


def test_a_macro_may_refer_to_itself() -> None:
    where = scope()
    where.assign("x", "1")
    where.assign("x", "$(x),2")
    where.append("X", "3", ";")
    assert where.lookup("x") == "1,2;3"
    where.assign("three", "$(three)0")
    assert expand("$(three)", where) == "30"


def test_a_value_from_a_pilot_stays_as_it_is_in_macros_too() -> None:
    where = scope()
    where.assign_value("m", "$(three)")
    where.assign("n", "<$(m)>")
    assert expand("$(n)", where) == "<$(three)>"


def test_a_budget_is_for_all_of_a_pilot_s_texts() -> None:
    where = scope()
    where.budget = Budget()
    expand("$(three)" * 4_000, where)
    expand("$(three)" * 4_000, where)
    with pytest.raises(TooMuch, match="does one lead to itself"):
        expand("$(three)" * 4_000, where)


@pytest.mark.parametrize("text", ["$(a:b)", "x $(a) $(b)", "$$(a)$(b)", "$(-$(b))", "$INT(x,%d)"])
def test_where_a_reference_is_found(text: str) -> None:
    found = find_macro(text)
    assert found
    assert text[found.start : found.end] in ("$(a:b)", "$(a)", "$(b)", "$INT(x,%d)")
