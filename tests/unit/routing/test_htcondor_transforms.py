"""What statements do to a pilot's ad; where condor_job_router_info 25.14 has values, they are its values."""

from __future__ import annotations

import pytest

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.ad_text import read_ad
from hosted_ce.routing.htcondor.compile import compile_program
from hosted_ce.routing.htcondor.lines import logical_lines
from hosted_ce.routing.htcondor.matching import matches
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.run import TransformFailed, check, run
from hosted_ce.routing.htcondor.scope import TransformScope
from hosted_ce.routing.htcondor.steps import Program

PILOT = """\
Owner = "osg01"
xcount = 8
missing = undefined
AuthTokenSubject = "s"
AuthTokenIssuer = "i"
l = { x,2 }
"""
NO_CONDITION = "this is no condition: "
NO_METAKNOBS = "HTCondor's metaknobs are not known here, so `defined use` cannot be told"
ENDLESS = "more than 10000 macros are expanded; does one lead to itself?"
UNBOUNDED = "the function eval is not taken here: it can run without end"


def is_an_expression(text: str) -> str:
    return f"`{text}` is an expression; write `EVALMACRO t {text}` and `if $(t)`"


def program(*lines: str) -> Program:
    return compile_program("T", Place("t", 1), tuple(logical_lines("\n".join(lines), "t")))


def outcome(*lines: str, pilot: str = PILOT) -> tuple[dict[str, str], list[str]]:
    """What has changed in the ad ("" for attributes that are gone), and the notes with their lines."""
    ad = read_ad(pilot)
    before = ad.texts()
    scope = TransformScope(read_config([("c", "global = g\nempty =\n")]).lookup, ad)
    notes = run(program(*lines), ad, scope)
    after = ad.texts()
    changed = {name: after.get(name, "") for name in before | after if before.get(name) != after.get(name)}
    return changed, [f"{note.place.line}: {note.message}" for note in notes]


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        (["SET a 1 + xcount"], {"a": "1 + xcount"}),
        (["EVALSET a 1 + xcount"], {"a": "9"}),
        (["SET a = 1"], {"a": "1"}),
        (["set A , 1"], {"A": "1"}),
        (["SET owner \"x\""], {"Owner": '"x"'}),
        (['SET a "b\\n"'], {"a": '"b\\n"'}),  # old strings: the backslash is one
        (['EVALSET a strcat("b\\\\n", 1)'], {"a": '"b\\n1"'}),  # new strings: escapes
        (["SET a, 1"], {"a": "1"}),
        (["DEFAULT xcount 1", "DEFAULT missing 1", "DEFAULT a 1"], {"a": "1"}),
        (["EVALSET a MY.xcount", "EVALSET b TARGET.xcount"], {"a": "8", "b": "undefined"}),
        (["EVALSET a { 1 + 1, Owner }"], {"a": "{ 1 + 1,Owner }"}),
        (["EVALSET a 1 / 0"], {"a": "error"}),
        (["EVALSET a 1 2 3"], {"a": "1"}),
        (["EVALMACRO m Owner", 'SET a "$(m)"'], {"a": '"osg01"'}),
        (["EVALMACRO m 5.0", "SET a $(m)"], {"a": "5.0"}),
        (["EVALMACRO m l", "SET a $(m)"], {"a": "{ x,2 }"}),
        (["EVALMACRO m [ a = 1; b = 2 ]", 'SET a "$(m)"'], {"a": '"a = 1\nb = 2\n"'}),
        (["COPY Owner a"], {"a": '"osg01"'}),
        (["COPY nope a"], {}),
        (["RENAME Owner a"], {"a": '"osg01"', "Owner": ""}),
        (["DELETE Owner", "DELETE nope"], {"Owner": ""}),
        (["COPY /^authtoken(.)/ o_\\1"], {"o_S": '"s"', "o_I": '"i"'}),
        (["RENAME /^AuthToken.*$/ orig_\\0", "DELETE /Subject$/"],
         {"orig_AuthTokenIssuer": '"i"', "AuthTokenIssuer": "", "AuthTokenSubject": ""}),
        (["DELETE /t/g"], {}),  # g: at the beginning only
        (["DELETE /.*?r/U"], {"AuthTokenIssuer": "", "Owner": ""}),
        (["m = 1", "m = $(m)2", "SET a $(m)"], {"a": "12"}),
        (["m += 1", "m += 2", "m +&&= 3", "SET a \"$(m)\""], {"a": '"1 2 && 3"'}),
        (["m @=end", "one", "  two", "@end", 'SET a "$(m)"'], {"a": '"one\ntwo"'}),
        (["m = 2.718281828459045", "SET a $REAL(m)"], {"a": "2.718281828459045"}),
        (["m = 1", "xform.m = $(m)2", "m = 3", "SET a $(m)"], {"a": "12"}),
        (["n = 1", "m$(n) = 5", "SET a $(m1)"], {"a": "5"}),
        (["+m = 5", 'SET a "$(MY.m)$(m)"'], {"a": '"5"'}),
        (["SET = 5", "SET a $(SET)"], {"a": "5"}),
        (['"SET" a 1'], {"a": "1"}),
        (["SET a $(global)$(empty:0)"], {"a": "g0"}),
        (["UNIVERSE vanilla", "NAME other", "TRANSFORM"], {}),
        (["warning : careful"], {}),
    ],
)  # fmt: skip
def test_statements(lines: list[str], changed: dict[str, str]) -> None:
    assert outcome(*lines) == (changed, [])


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        (["e = 5", "if defined e", "SET a 1", "endif", "if TRUE", "SET b 1", "endif"], {"a": "1", "b": "1"}),
        (["if defined yes", "SET a 1", "endif", "if defined why", "SET b 1", "endif"], {"a": "1"}),
        (["if true", "SET a 1", "else", "SET b 1", "endif"], {"a": "1"}),
        (["if false", "SET a 1", "else", "SET b 1", "endif"], {"b": "1"}),
        (["if 0", "elif no", "elif T", "SET a 1", "elif true", "SET b 1", "else", "endif"], {"a": "1"}),
        (["if false", "if true", "else", "SET b 1", "endif", "else", "SET c 1", "endif"], {"c": "1"}),
        (["if defined MY.xcount", "SET a 1", "endif"], {"a": "1"}),
        (["if defined MY.missing", "SET a 1", "endif"], {"a": "1"}),
        (["if ! defined MY.nope", "SET a 1", "endif"], {"a": "1"}),
        (["if defined global", "SET a 1", "endif"], {"a": "1"}),
        (["if defined empty", "SET a 1", "endif"], {}),
        (["if defined", "SET a 1", "endif"], {}),
        (["if $(nope)", "SET a 1", "endif"], {}),
        (["if !$(nope)", "SET a 1", "endif"], {"a": "1"}),
        (["EVALMACRO t xcount > 4", "if $(t)", "SET a 1", "endif"], {"a": "1"}),
        (["if version >= 25.0", "SET a 1", "endif"], {"a": "1"}),
        (["if version < 25.0.1", "SET a 1", "endif"], {}),
        (["if version != 25.14.1", "SET a 1", "endif"], {}),
        ([":if true", ":  SET a 1", ":endif"], {"a": "1"}),
        (["if xcount == 8", "SET a 1", "endif"], {"a": "1"}),  # only as long as it is true
        (["if false", "NONSENSE", "SET x", "endif"], {}),
    ],
)
def test_conditionals(lines: list[str], changed: dict[str, str]) -> None:
    assert outcome(*lines) == (changed, [])


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (["SET a 1", "SET a 1 2"], "2: this is passed over: `2` is too much behind the expression"),
        (["EVALSET a )"], "1: this is passed over: `)` is not a ClassAd expression"),
        (["SET a-b 1"], "1: this is passed over: 'a-b' cannot be the name of an attribute"),
        (["COPY Owner a b"], "1: `a b` cannot be the name of an attribute"),
        (["COPY /^Own/ x\\0-\\7"], "1: `xOwn-\\7` cannot be the name of an attribute"),
        (["DELETE /(/"], "1: this is passed over: `(` is not a regular expression"),
        (["RENAME /(/ x"], "1: this is passed over: `(` is not a regular expression"),
        (["SET a $INT(MY.Owner)1"], "1: $INT(MY.Owner): `osg01` is not an integer"),
        (['SET a eval("1")'], f"1: this is passed over: {UNBOUNDED}"),
    ],
)  # fmt: skip
def test_what_goes_wrong_in_one_step_is_noted_with_its_line_and_the_rest_is_done(
    lines: list[str], note: str
) -> None:
    changed, notes = outcome(*lines, "SET done true")
    assert notes == [note]
    assert changed["done"] == "true"


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["SET a 1", "NONSENSE b"], 2, "`NONSENSE` is not a statement of transforms"),
        (["SET"], 1, "SET has nothing behind it"),
        (["SET a"], 1, "SET needs a name and a value"),
        (["SET a ="], 1, "SET needs a name and a value"),
        (["queue = 1"], 1, "`queue` is not a statement of transforms"),
        (["COPY /a b"], 1, "COPY /a b: there is no / at the end of the pattern"),
        (["COPY /a/x b"], 1, "COPY /a/x b: 'x' behind the pattern is not a flag; there are g, i, m and U"),
        (["a-b = 1"], 1, "`a-b` is not the name of a macro"),
        (["if true"], 1, "an `if` has no `endif`"),
        (["else"], 1, "`else` has no `if` before it"),
        (["if false", "else", "elif true", "endif"], 3, "`elif` comes after `else`"),
        (["if true\n" * 64], 64, "more than 63 ifs are within each other"),
        (["if something", "endif"], 1, f"{NO_CONDITION}`something` is not a condition"),
        (["EVALMACRO t missing", "if $(t)", "endif"], 2, f"{NO_CONDITION}`undefined` is not a condition"),
        (["if defined a b", "endif"], 1, f"{NO_CONDITION}`a b` is not the name of a macro"),
        (["if version >= x", "endif"], 1, f"{NO_CONDITION}{is_an_expression('version >= x')}"),
        (["if version >= 5.0", "endif"], 1, f"{NO_CONDITION}the version is not one such as 25.0 or 23.9.6"),
        (["if defined use feature:x", "endif"], 1, f"{NO_CONDITION}{NO_METAKNOBS}"),
        (["if xcount == 1", "endif"], 1, f"{NO_CONDITION}{is_an_expression('xcount == 1')}"),
        (["m @=end", "text"], 1, "there is no line `@end` for it"),
        (["error : no more"], 1, "error: no more"),
        (["include : file"], 1, "`include :` cannot be in a transform"),
        (["a = $(b)", "b = $(a)", "SET x $(a)"], 3, ENDLESS),
    ],
)  # fmt: skip
def test_what_ends_a_transform_is_told_with_its_line(lines: list[str], line: int, message: str) -> None:
    with pytest.raises(TransformFailed) as caught:
        outcome(*lines)
    assert caught.value.place == Place("t", line)
    assert caught.value.message == message


def test_only_what_htcondor_looks_at_when_it_loads_a_route_is_checked_then() -> None:
    def loads(*lines: str) -> bool:
        try:
            check(program(*lines), TransformScope(lambda _: None, None))
        except TransformFailed:
            return False
        return True

    assert loads("SET a 1 2", "SET a", "if $(MY.x)", "NONSENSE", "endif")
    assert loads("EVALMACRO t x", "if $(t)", "NONSENSE", "endif")
    assert not loads("NONSENSE")
    assert not loads("if x > 1", "endif")
    assert not loads("if $(MY.x) > 1", "endif")


@pytest.mark.parametrize(
    ("wanted", "matched"),
    [
        ("xcount == 8", True),
        ("xcount", True),
        ("0", False),
        ("0.5", True),
        ("MY.xcount > 1", True),
        ("TARGET.xcount > 1", False),
        ("missing", False),
        ("!missing", False),
        ("1 / 0", False),
        ('"true"', False),
    ],
)
def test_requirements(wanted: str, matched: bool) -> None:
    transform = program("SET a 1", f"requirements {wanted}")
    assert matches(transform.requirements, read_ad(PILOT)) is matched


def test_the_last_requirements_count_wherever_they_are() -> None:
    transform = program("REQUIREMENTS true", "if false", "REQUIREMENTS false", "endif", "REQUIREMENTS = x")
    assert transform.requirements
    assert transform.requirements.place == Place("t", 3)
    assert len(transform.steps) == 3


def test_what_is_behind_a_transform_line_is_not_read() -> None:
    assert program("SET a 1", "TRANSFORM 1", "NONSENSE").steps == program("SET a 1").steps


@pytest.mark.parametrize(
    ("written", "number"),
    [("5", 5), ("vanilla", 5), ("GRID", 9), ("vm", 13), ("docker", 0), ("nonsense", 0), ("9 x", 9)],
)
def test_universes(written: str, number: int) -> None:
    assert program(f"UNIVERSE {written}").universe == number


def test_an_ad_in_an_expression_sees_the_pilot() -> None:
    """HTCondor finds nothing there: a difference that is known and not copied."""
    assert outcome("EVALSET a [ b = xcount ].b")[0] == {"a": "8"}


def test_a_transform_does_not_change_what_it_was_made_of() -> None:
    transform = program("SET a { xcount }", "EVALSET b a")
    for xcount in (1, 2):
        ad = Ad({"xcount": xcount})
        run(transform, ad, TransformScope(lambda _: None, ad))
        assert ad.texts() == {"a": "{ xcount }", "b": "{ xcount }", "xcount": str(xcount)}
