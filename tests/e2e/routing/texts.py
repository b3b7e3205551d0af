"""Random pilots, expressions and routes, of everything that the language has.

What is left out on purpose: `$` in a pilot's texts (docs/developers/routing.md), names that no attribute can have,
and macros that lead to each other without end, over which HTCondor hangs.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

NUMBERS = ("x", "y", "maxMemory", "xcount", "RequestCpus", "missing")
STRINGS = ("s", "queue", "Owner", "Foo_Bar", "absent")
TRUTHS = ("b", "WantWholeNode", "gone")
ATTRIBUTES = (*NUMBERS, *STRINGS, *TRUTHS, "f", "l", "OnExitHold", "AuthTokenSubject", "New1", "new2")
MACROS = ("m0", "m1", "m2", "m3", "m4")
UNIVERSES = ("vanilla", "grid", "5", "VM", "docker", "nonsense", "local", "9 x")
PATTERNS = (
    "/^AuthToken.*$/", "/^OnExit(.*)$/", "/o/", "/^(s|x)$/i", "/(F)oo_?(B)?/m", "/^a/g", "/[0-9]+$/", "/w.*?e/U",
    "/(/", "/^x(q)?(z)?/", "/./", "/a{2,}/", "/^(?:b|y)$/", "/O/i",
)  # fmt: skip
TEMPLATES = ("orig_\\0", "\\1", "a\\0b", "X\\2_\\1", "new1", "\\9", "c_\\0 d", "z\\\\0")
LETTERS = "abc XYZ019_-.,:;/'()%#@!*{}[]&|<>=?~^"


def ad(random: Random, number: int, world: int) -> str:
    """A pilot that is a candidate, for the route of one of the worlds."""
    lines = [f"ClusterId = {number}", "ProcId = 0", "JobUniverse = 5", "JobStatus = 1", f"world = {world}"]
    lines.append(f"Owner = {string(random)}")
    for name in ("x", "y", "maxMemory", "xcount", "RequestCpus", "f"):
        if random.random() < 0.5:
            lines.append(f"{name} = {random.choice((number_text, expression))(random)}")
    for name in ("s", "queue", "Foo_Bar", "AuthTokenSubject", "b", "l", "WantWholeNode", "OnExitHold"):
        if random.random() < 0.4:
            lines.append(f"{name} = {random.choice((string, truth, expression, collection))(random)}")
    return "\n".join(lines) + "\n"


def string(random: Random) -> str:
    """A string in old ClassAd syntax, without `$`."""
    text = "".join(random.choice(LETTERS) for _ in range(random.randrange(6)))
    extra = random.random()
    if extra < 0.1:
        text += random.choice(('\\"q', "\\n", "\\t", "tail\\\\", "a\\b"))
    return f'"{text}"'


def number_text(random: Random) -> str:
    """A number."""
    return random.choice(("0", "1", "-1", "7", "2000", "1.5", "-0.25", "1E3", "100000000000", "3.0", "007"))


def truth(random: Random) -> str:
    """A truth value, or none."""
    return random.choice(("true", "false", "True", "undefined", "error"))


def collection(random: Random) -> str:
    """A list or an ad."""
    return random.choice(('{ "a","b" }', "{1, 2, x}", "{}", '[ a = 1; b = "q" ]', "[]", '"a, b,c"', '"A=1 B=2"'))


def reference(random: Random) -> str:
    """An attribute, with or without scope."""
    name = random.choice(ATTRIBUTES)
    scope = random.random()
    return f"MY.{name}" if scope < 0.2 else f"TARGET.{name}" if scope < 0.27 else name


_CALLS = (
    "strcat({}, {})", "ifThenElse({}, {}, {})", "isUndefined({})", 'regexp("^[a-z]+", {})', "substr({}, 1)",
    "size({})", "toUpper({})", "int({})", "real({})", "string({})", 'join(",", {}, {})', "unparse(x)",
    'stringListMember({}, "a,b, c")', "min({{ {}, 3 }})", "split({})", "{}[0]", "isError({})", 'splitUserName({})',
    "mergeEnvironment({}, {})", "floor({})", "strcmp({}, {})", "nosuch({})", '[a = 7; b = a].b', "({})",
)  # fmt: skip
_OPERATORS = "+ - * / % == != < <= > >= && || =?= =!= is isnt & | ^ << >> ?:".split()  # noqa: SIM905


def expression(random: Random, depth: int = 2) -> str:
    """An expression, or now and then what is none."""
    kind = random.random()
    if depth == 0 or kind < 0.35:
        return random.choice((number_text, string, truth, reference, reference, collection))(random)
    if kind < 0.6:
        sign = random.choice(_OPERATORS)
        return f"{expression(random, depth - 1)} {sign} {expression(random, depth - 1)}"
    if kind < 0.85:
        call = random.choice(_CALLS)
        return call.format(*(expression(random, depth - 1) for _ in range(3)))
    if kind < 0.93:
        return " ".join((expression(random, depth - 1), "?", reference(random), ":", expression(random, depth - 1)))
    if kind < 0.97:
        return random.choice("!-+~") + expression(random, depth - 1)
    return random.choice(("1 +", "(x", "x)", "1 2", '"a" "b"', "x; y = 1", "x // why", "/* c */ x", "'Owner'", ".x", "010"))


def macro(random: Random, below: int) -> str:
    """A reference to a macro that is assigned before, or to an attribute, or a function of it."""
    name = random.choice((*MACROS[:below], "nope", "", "IsLinux", "GLOBAL", "global2"))
    attribute = f"MY.{random.choice(ATTRIBUTES)}"
    form = random.choice(
        (
            f"$({name})", f"$({name})", f"$({attribute})", f"$({attribute}:0)", f"$({name}:a b)", f"$({name}:$({attribute}))",
            f"$INT({name})", f"$INT({attribute})", f"$INT({name},%05d)", f"$INT({attribute}, %d)", f"$REAL({attribute},%.2f)",
            f"$REAL({name})", f"$STRING({attribute})", f"$STRING({name},%-6s|)", f"$EVAL({attribute})", f"$EVAL({name})",
            f"$CHOICE({name},a,b , c)", f"$CHOICE({attribute},q,r)", f"$CHOICE(1,{name})", f"$SUBSTR({attribute},1)",
            f"$SUBSTR({name},-2,1)", f"$SUBSTR({attribute},0,-1)", f"$F{random.choice(('', 'n', 'x', 'p', 'd', 'q', 'nx', 'pq', 'aq', 'bx', 'bd'))}({attribute})",
            f"$BASENAME({attribute})", f"$DIRNAME({attribute})", f"$BASENAME({name}, .x)", f"$$({name})", f"$$([{name} ?: 1])",
            f"$( {name} )", f"$({name}:a-b)", f"$($({name}))", "$(GLOBAL:x)", f"$(Foo{name})", "$ENV(HOSTED_CE_NONE:d)",
        )
    )  # fmt: skip
    return str(form)


def value(random: Random, below: int) -> str:
    """What stands behind a statement: an expression, often with macros in it."""
    kind = random.random()
    if kind < 0.45:
        return expression(random)
    if kind < 0.6:
        return macro(random, below)
    if kind < 0.75:
        return f'"{macro(random, below)}"'
    if kind < 0.9:
        return f"{expression(random, 1)} {random.choice(_OPERATORS)} {macro(random, below)}"
    return f"({macro(random, below)}) > {number_text(random)}"


def statement(random: Random, below: int) -> str:
    """One statement."""
    keyword = random.choice(("SET", "SET", "EVALSET", "EVALSET", "EVALMACRO", "DEFAULT", "COPY", "RENAME", "DELETE", "set", "Copy"))
    between = random.choice((" ", " ", "  ", " = ", " , ", "\t"))
    if keyword.upper() in ("COPY", "RENAME"):
        if random.random() < 0.4:
            return f"{keyword} {random.choice(PATTERNS)} {random.choice(TEMPLATES)}"
        return f"{keyword} {random.choice(ATTRIBUTES)}{between}{random.choice((*ATTRIBUTES, macro(random, below)))}"
    if keyword == "DELETE":
        return f"DELETE {random.choice((*ATTRIBUTES, *PATTERNS))}{random.choice(('', '', ' junk'))}"
    if keyword == "EVALMACRO":
        return f"EVALMACRO {random.choice(MACROS)}{between}{value(random, len(MACROS))}"
    return f"{keyword} {random.choice(ATTRIBUTES)}{between}{value(random, below)}"


def assignment(random: Random, index: int) -> str:
    """A macro, which may refer to itself and to those before it."""
    name = MACROS[index]
    text = random.choice((expression, lambda r: f"$({name}) {expression(r, 1)}", lambda r: value(r, index)))(random)
    operator = random.choice((" = ", " = ", "=", " += ", " +&&= ", " +, = "[:4] + "= "))
    return f"{name}{operator}{text}"


def condition(random: Random, below: int) -> str:
    """What may stand behind `if`, most of it good."""
    attribute = f"MY.{random.choice(ATTRIBUTES)}"
    name = random.choice(MACROS)
    return random.choice(
        (
            f"defined {attribute}", f"defined {name}", f"! defined {attribute}", f"$({name})", f"!$({name})", f"$({attribute})",
            "true", "no", "T", "0", "1.5", "version >= 8.9", "version < 25.15.0", "version == 25.14.1", "defined 5", "defined",
            f"$INT({attribute})", f"$({attribute}:false)", f"$({name}) > 1", "x == 1", "$(nope)", f"defined {name} && true",
        )
    )  # fmt: skip


def lines(random: Random, length: int, depth: int = 2) -> list[str]:
    """Lines of a transform, with conditionals."""
    found: list[str] = []
    while len(found) < length:
        kind = random.random()
        if kind < 0.12 and depth:
            found += branches(random, depth)
        elif kind < 0.3:
            found.append(assignment(random, random.randrange(len(MACROS))))
        elif kind < 0.32:
            found.append(random.choice(("# comment", "", "NAME other", f"UNIVERSE {random.choice(UNIVERSES)}", "TRANSFORM")))
        elif kind < 0.34:
            found += ["m1 @=end", *(random.choice(("a", "  b ", "c; 1")) for _ in range(random.randrange(3))), "@end"]
        elif kind < 0.345:
            found.append(random.choice(("SET", "SET x", "NONSENSE y", "queue = 1", "endif", "x : 1", "COPY /a b", "+New1 = 3")))
        else:
            found.append(statement(random, len(MACROS)))
    return found


def branches(random: Random, depth: int) -> list[str]:
    """An `if` with what belongs to it."""
    found = [f"if {condition(random, len(MACROS))}", *lines(random, random.randrange(3), depth - 1)]
    if random.random() < 0.4:
        found += [f"elif {condition(random, len(MACROS))}", *lines(random, random.randrange(3), depth - 1)]
    if random.random() < 0.5:
        found += ["else", *lines(random, random.randrange(3), depth - 1)]
    return [*found, "endif"]


def block(name: str, body: Sequence[str]) -> str:
    """A transform or route of the configuration."""
    return "\n".join((f"{name} @=jrt", *(f"  {line}" for line in body), "@jrt", ""))


def configuration(random: Random, worlds: int, length: int = 7) -> str:
    """A configuration with a route for each world, and a transform before and one after all of them."""
    names = " ".join(f"R{world}" for world in range(worlds))
    text = (
        "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = target.JobUniverse =?= 5\n"
        "GLOBAL = g $(GLOBAL2)\nGLOBAL2 = 7\n"
        f"JOB_ROUTER_ROUTE_NAMES = {names}\n"
        "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = Before\nJOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES = After\n"
    )
    after = random.choice(([], [f"REQUIREMENTS {expression(random, 1)}"], ["REQUIREMENTS true"]))
    text += block("JOB_ROUTER_TRANSFORM_Before", [statement(random, 0)])
    text += block("JOB_ROUTER_TRANSFORM_After", [line for line in after if "\n" not in line] + [statement(random, 5)])
    for world in range(worlds):
        route = [f"REQUIREMENTS world == {world}", *lines(random, length)]
        if random.random() < 0.3:
            route.insert(1, random.choice(('GridResource = "batch slurm"', "TargetUniverse = 5", "MaxJobs = $INT(GLOBAL2)")))
        text += block(f"JOB_ROUTER_ROUTE_R{world}", route)
    return text
