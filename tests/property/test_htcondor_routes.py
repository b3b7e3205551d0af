"""HTCondor-CE's route language with any text at all: a result, or an error with its place; never a hang."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.routing.classad import Ad, ExpressionError, spell_new
from hosted_ce.routing.htcondor.ad_text import AdTextError, read_ad, write_ad
from hosted_ce.routing.htcondor.convert import convert_entries
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.expressions import beginning, whole
from hosted_ce.routing.htcondor.lint.mapfile import check_mapfiles
from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.matching import choose
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import Router, load_router, route_ad
from hosted_ce.routing.htcondor.run import TransformFailed

NO_HALVES = st.characters(exclude_categories=["Cs"])
_WORDS = [
    "SET", "EVALSET", "EVALMACRO", "DEFAULT", "COPY", "RENAME", "DELETE", "REQUIREMENTS", "UNIVERSE",
    "NAME", "TRANSFORM", "if", "elif", "else", "endif", "defined", "version >= 8", "@=x", "@x", "use",
    "include", "error", "warning", ":", "=", "+=", "\\", "\n", "\n", "\n  ", "#", " ", " ", "$(", "$(a)",
    "$(MY.", "$INT(", "$(a:", "$$(", "$F", "$CHOICE(", "$SUBSTR(", "$STRING(", "$REAL(a,%", ")", "(", "[",
    "]", "{", "}", ",", ";", '"', "'", "/", "//", "/*", "*/", "/^a/g", "\\0", "a", "x", "MY.x", "TARGET.x",
    "JOB_ROUTER_ROUTE_A", "A", "JOB_ROUTER_ROUTE_NAMES = A B\n", "JOB_ROUTER_ROUTE_A @=x\n",
    "JOB_ROUTER_TRANSFORM_B @=x\n", "\n@x\n", "JOB_ROUTER_ENTRIES = ",
    "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = true\n", "a = $(b)\n", "b = $(a)\n",
    "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = B\n", "SYSTEM_PERIODIC_HOLD = ", "true", "undefined", "1",
    "0x", "1e", "1.", "-", "!", "&&", "?:", "? 1 :", "=?=", "é", "\0", "\r", "\t", "%", "*",
]  # fmt: skip
WORDS = st.sampled_from(_WORDS)
TEXTS = st.lists(WORDS | st.text(NO_HALVES, max_size=3), max_size=40).map("".join)
STATEMENTS = st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=12).map("\n".join)
ANY_TEXT = TEXTS | STATEMENTS | st.text(max_size=60)
ROUTE = "JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=x\nTargetUniverse = 9\n"
PILOT = 'ClusterId = 1\nProcId = 0\nJobUniverse = 5\nOwner = "o"\nx = 1\na = { 1,x }\nqueue = "$(a)"\n'


def load(site: str) -> Router:
    router = load_router(read_config([ce_defaults(), ("site", site)])).router
    assert router
    return router


ROUTER = load(f"{ROUTE}@x\n")


def told_where(findings: tuple[Finding, ...] | list[Finding], text: str, file: str) -> None:
    lines = text.count("\n") + 1
    for finding in findings:
        assert finding.place.file in ("", file, ce_defaults()[0])
        assert finding.place.file != file or 1 <= finding.place.line <= lines
        assert finding.message
        assert "\0" not in finding.describe()


@given(ANY_TEXT)
def test_any_text_is_a_configuration_or_its_faults_are_found(text: str) -> None:
    config = read_config([ce_defaults(), ("site", text)])
    told_where(config.findings, text, "site")
    told_where(check_config(config), text, "site")
    told_where(load_router(config).findings, text, "site")
    told_where(convert_entries(config).findings, text, "site")


@given(
    ANY_TEXT, st.sampled_from(["JOB_ROUTER_ROUTE_A", "JOB_ROUTER_TRANSFORM_Base", "JOB_ROUTER_TRANSFORM_Env"])
)
def test_any_text_as_a_route_routes_a_pilot_or_fails_at_a_place(text: str, name: str) -> None:
    route = (
        "JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=end_of_route\nTargetUniverse = 9\n@end_of_route\n"
    )
    site = f"{route}{name} @=end_of_route\n{text}\n@end_of_route\n"
    router = load_router(read_config([ce_defaults(), ("site", site)])).router
    ad = read_ad(PILOT)
    before = write_ad(ad)
    for route_ in router.routes if router else ():
        try:
            routed = route_ad(router, route_, ad, random=Random(1))
        except TransformFailed as failure:
            told = Finding(failure.place, "error", "failed", failure.message)
            told_where([told], site, "site")
        else:
            assert routed.ad.value("RouteName") == "A"
            assert all(note.message for note in routed.notes)
    assert write_ad(ad) == before


@given(ANY_TEXT)
def test_any_text_is_an_ad_or_the_line_is_told(text: str) -> None:
    try:
        ad = read_ad(text)
    except AdTextError as fault:
        told_where([Finding(fault.place, "error", "ad", fault.message)], text, "ad")
    else:
        assert choose(ROUTER.routes, ROUTER.constraint, ad).trials


@given(ANY_TEXT)
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    for parse in (whole, beginning):
        try:
            expression = parse(text)
        except ExpressionError as fault:
            told_where([Finding(Place("text", 1), "error", "expression", str(fault))], text, "text")
        else:
            assert text.startswith(expression.text)
            again = beginning(spell_new(expression.tree))
            assert spell_new(again.tree) == spell_new(expression.tree)
            assert again.ignored == ""


@given(st.text(NO_HALVES.filter(lambda character: character != "\0"), max_size=30))
def test_a_string_is_written_and_read_without_loss(content: str) -> None:
    ad = Ad({"X": content})
    assert ad.words("X") == content
    assert ad.value("X") == content
    assert beginning(spell_new(ad.get("X"))).tree.eval() == content


@given(ANY_TEXT)
def test_any_text_is_a_mapfile_or_its_faults_are_found(text: str) -> None:
    told_where(check_mapfiles([("map", text)]), text, "map")


LOOPS = [
    "a = $(b)\nb = $(a)\nSET x $(a)",
    "a = $(b)$(b)\nb = $(a)$(a)\nSET x $(a)",
    "a = $INT(b)\nb = $INT(a)\nSET x $(a)",
    "a = $STRING(a)\nSET x $(a)",
    "a = xxxxxxxxxxxxxxxx\n" + "a = $(a)$(a)\n" * 40 + "SET x $(a)",
    "a += $(a)$(a)x\n" * 60 + "SET x $(a)",
    "\n".join(f"a{n} = $(a{n + 1})$(a{n + 1})$(a{n + 1})" for n in range(30)) + "\na30 = x\nSET x $(a0)",
    "a = $(DOLLAR)(a)\nSET x $(a)",
    "$(a) = 1\na = $(b)\nb = $(a)\n$(a) = 2",
    "a = $(b)\nb = $(a)\nif $(a)\nendif",
    "a = $STRING(b,%4000s)\nb = $STRING(a,%4000s)\nSET x $(a)",
    "SET x $STRING(y,%1000000000s)",
    "SET x $(a:" * 2000,
    "SET x " + "(" * 30_000,
    "SET x " + "{" * 400 + "}" * 400,
    "SET x " + "1+" * 15_000 + "1\nEVALSET y x",
    "SET x a" + ".a" * 15_000 + "\nEVALSET y x",
    "SET x0 1\n" + "\n".join(f"SET x{n + 1} x{n} + x{n}" for n in range(60)) + "\nEVALSET y x60",
    "\n".join(f"SET x{n} " + "+".join(f"x{m}" for m in range(12)) for n in range(12)) + "\nEVALSET y x0",
    "SET l {[a=1],[a=2]}\nEVALSET y evalInEachContext(evalInEachContext(a, l), l)",
    "SET aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab 1\nDELETE /^(a+)+$/",
    "SET x regexp(\"^(a+)+$\", \"" + "a" * 3_000 + "b\")\nEVALSET y x",
    "if true\n" * 100,
    "SET x 99999999999999999999999999999999\nEVALSET y x * x",
]  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("text", LOOPS, ids=range(len(LOOPS)))
def test_nothing_runs_without_end(text: str) -> None:
    """HTCondor hangs or ends itself over some of these."""
    site = f"{ROUTE}{text}\n@x\n"
    config = read_config([ce_defaults(), ("site", site)])
    router = load_router(config).router
    check_config(config)
    assert router
    for route in router.routes:
        try:
            route_ad(router, route, read_ad(PILOT))
        except TransformFailed as failure:
            told_where([Finding(failure.place, "error", "failed", failure.message)], site, "site")
    read_config([("site", text.replace("SET x", "z ="))])


def test_where_a_loop_is_comes_with_its_line() -> None:
    router = load(f"{ROUTE}a = $(b)\nb = $(a)\nSET x $(a)\n@x\n")
    with pytest.raises(TransformFailed) as caught:
        route_ad(router, router.routes[0], read_ad(PILOT))
    assert caught.value.place == Place("site", 6)
    assert "10000 macros" in str(caught.value)
