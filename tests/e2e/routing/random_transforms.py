"""Random routes and transforms of everything that the language has.

Left out on purpose: names that no attribute can have, and macros that lead to each other without end, over
which HTCondor hangs: a macro here refers to earlier ones only.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.e2e.routing.random_expressions import ATTRIBUTES, OPERATORS, expression, number

MACROS = ("m0", "m1", "m2", "m3", "m4")
_UNIVERSES = ("vanilla", "grid", "5", "VM", "docker", "nonsense", "local", "9 x")
_PATTERNS = (
    "/^AuthToken.*$/", "/^OnExit(.*)$/", "/o/", "/^(s|x)$/i", "/(F)oo_?(B)?/m", "/^a/g", "/[0-9]+$/", "/(/",
    "/w.*?e/U", "/^x(q)?(z)?/", "/./", "/a{2,}/", "/^(?:b|y)$/", "/O/i",
)  # fmt: skip
_TEMPLATES = ("orig_\\0", "\\1", "a\\0b", "X\\2_\\1", "new1", "\\9", "c_\\0 d", "z\\\\0")
_KEYWORDS = (
    "SET", "SET", "EVALSET", "EVALSET", "EVALMACRO", "DEFAULT", "COPY", "RENAME", "DELETE", "set", "Copy",
)  # fmt: skip
_FORMS = (
    "$({m})", "$({m})", "$({a})", "$({a}:0)", "$({m}:a b)", "$({m}:$({a}))", "$INT({m})", "$INT({a})",
    "$INT({m},%05d)", "$INT({a}, %d)", "$REAL({a},%.2f)", "$REAL({m})", "$STRING({a})",
    "$STRING({m},%-6s|)", "$EVAL({a})", "$EVAL({m})", "$CHOICE({m},a,b , c)", "$CHOICE({a},q,r)",
    "$CHOICE(1,{m})", "$SUBSTR({a},1)", "$SUBSTR({m},-2,1)", "$SUBSTR({a},0,-1)", "$F{f}({a})",
    "$BASENAME({a})", "$DIRNAME({a})", "$$({m})", "$BASENAME({m}, .x)", "$$([{m} ?: 1])", "$( {m} )",
    "$({m}:a-b)", "$($({m}))", "$(GLOBAL:x)", "$(Foo{m})", "$ENV(HOSTED_CE_NONE:d)",
    "$REAL({m},%.0f)", "$REAL({a},%g)", "$INT({m},%s)", "$INT({a},%x|)", "$(DOLLAR) $({m})",
    "$SUBSTR({m},-3)", "$RANDOM_CHOICE(GLOBAL2)", "$RANDOM_CHOICE(nope)", "$RANDOM_INTEGER(4,4)",
)  # fmt: skip
_PARTS = ("", "n", "x", "p", "d", "q", "nx", "pq", "aq", "bx", "bd", "dq", "qx")
_CONDITIONS = (
    "defined {a}", "defined {m}", "! defined {a}", "$({m})", "!$({m})", "$({a})", "true", "no", "T", "0",
    "1.5", "version >= 8.9", "version < 25.15.0", "version == 25.14.1", "defined 5", "defined",
    "$INT({a})", "$({a}:false)", "$({m}) > 1", "x == 1", "$(nope)", "defined {m} && true", "!", "$({a})",
    "defined yes", "defined nope",
)  # fmt: skip
_RARE = (
    "SET", "SET x", "NONSENSE y", "queue = 1", "endif", "x : 1", "COPY /a b", "+New1 = 3", "warning : w",
    "XFORM.m1 = $(m1)5", "Xform.m2 += 5", "m4 = 1.234567890123456",
)  # fmt: skip


def macro(random: Random, below: int) -> str:
    """A reference to a macro that is assigned before, or to an attribute, or a function of it."""
    name = random.choice((*MACROS[:below], "nope", "", "IsLinux", "GLOBAL", "global2"))
    attribute = f"MY.{random.choice(ATTRIBUTES)}"
    form = random.choice(_FORMS)
    for mark, text in (("{m}", name), ("{a}", attribute), ("{f}", random.choice(_PARTS))):
        form = form.replace(mark, text)
    return form


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
        return f"{expression(random, 1)} {random.choice(OPERATORS)} {macro(random, below)}"
    return f"({macro(random, below)}) > {number(random)}"


def statement(random: Random, below: int) -> str:
    """One statement."""
    keyword = random.choice(_KEYWORDS)
    between = random.choice((" ", " ", "  ", " = ", " , ", "\t"))
    if keyword.upper() in ("COPY", "RENAME"):
        if random.random() < 0.4:
            return f"{keyword} {random.choice(_PATTERNS)} {random.choice(_TEMPLATES)}"
        new = random.choice((*ATTRIBUTES, macro(random, below)))
        return f"{keyword} {random.choice(ATTRIBUTES)}{between}{new}"
    if keyword == "DELETE":
        return f"DELETE {random.choice((*ATTRIBUTES, *_PATTERNS))}{random.choice(('', '', ' junk'))}"
    if keyword == "EVALMACRO":
        return f"EVALMACRO {random.choice(MACROS)}{between}{value(random, len(MACROS))}"
    return f"{keyword} {random.choice(ATTRIBUTES)}{between}{value(random, below)}"


def assignment(random: Random) -> str:
    """A macro, which may refer to itself and to those before it."""
    index = random.randrange(len(MACROS))
    name = MACROS[index]
    kind = random.randrange(3)
    text = expression(random, 1) if kind < 2 else value(random, index)
    text = f"$({name}) {text}" if kind == 1 else text
    return f"{name}{random.choice((' = ', ' = ', '=', ' += ', ' +&&= ', ' +,= '))}{text}"


def condition(random: Random) -> str:
    """What stands behind `if`, most of it good."""
    attribute = f"MY.{random.choice(ATTRIBUTES)}"
    return random.choice(_CONDITIONS).replace("{a}", attribute).replace("{m}", random.choice(MACROS))


def lines(random: Random, length: int, depth: int = 2) -> list[str]:
    """Lines of a transform, with conditionals."""
    found: list[str] = []
    while len(found) < length:
        kind = random.random()
        if kind < 0.12 and depth:
            found += branches(random, depth)
        elif kind < 0.3:
            found.append(assignment(random))
        elif kind < 0.32:
            universe = f"UNIVERSE {random.choice(_UNIVERSES)}"
            found.append(random.choice(("# comment", "", "NAME other", universe, "TRANSFORM")))
        elif kind < 0.34:
            content = [random.choice(("a", "  b ", "c; 1")) for _ in range(random.randrange(3))]
            found += ["m1 @=end", *content, "@end"]
        elif kind < 0.36:
            found.append(random.choice(_RARE))
        else:
            found.append(statement(random, len(MACROS)))
    return found


def shown(random: Random) -> list[str]:
    """Lines that make all macros visible."""
    return [
        line
        for name in MACROS
        for line in (
            f'SET seen_{name} "$({name})"',
            f"SET kept_{name} $Fq({name})",
            f"SET is_{name} $({name})",
        )
        if random.random() < 0.7
    ]


def branches(random: Random, depth: int) -> list[str]:
    """An `if` with what belongs to it."""
    found = [f"if {condition(random)}", *lines(random, random.randrange(3), depth - 1)]
    if random.random() < 0.4:
        found += [f"elif {condition(random)}", *lines(random, random.randrange(3), depth - 1)]
    if random.random() < 0.5:
        found += ["else", *lines(random, random.randrange(3), depth - 1)]
    return [*found, "endif"]


def block(name: str, body: Sequence[str]) -> str:
    """A transform or route of the configuration."""
    return "\n".join((f"{name} @=jrt", *(f"  {line}" for line in body), "@jrt", ""))


_HEAD = """\
JOB_ROUTER_SOURCE_JOB_CONSTRAINT = target.JobUniverse =?= 5
GLOBAL = g $(GLOBAL2)
GLOBAL2 = 7
JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = Before
JOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES = After
"""
_ROUTE_SETTINGS = ('GridResource = "batch slurm"', "TargetUniverse = 5", "MaxJobs = $INT(GLOBAL2)000")


def worlds(random: Random, count: int, length: int = 7) -> str:
    """A configuration with a route for each world, and a transform before and one after all of them."""
    names = " ".join(f"R{world}" for world in range(count))
    text = f"{_HEAD}JOB_ROUTER_ROUTE_NAMES = {names}\n"
    after = random.choice(([], [f"REQUIREMENTS {expression(random, 1)}"], ["REQUIREMENTS true"]))
    text += block("JOB_ROUTER_TRANSFORM_Before", [statement(random, 0)])
    text += block("JOB_ROUTER_TRANSFORM_After", [*after, statement(random, len(MACROS))])
    for world in range(count):
        begun = [f"{name} = {expression(random, 1)}" for name in MACROS if random.random() < 0.6]
        route = [f"REQUIREMENTS world == {world}", *begun, *lines(random, length), *shown(random)]
        if random.random() < 0.3:
            route.insert(1, random.choice(_ROUTE_SETTINGS))
        text += block(f"JOB_ROUTER_ROUTE_R{world}", route)
    return text
