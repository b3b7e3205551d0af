"""Random configurations of any form: assignments, here documents, continuations, comments, conditionals."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.e2e.routing.random_transforms import block

_NAMES = ("A", "b", "C.d", "E_f", "n", "g/h")
_PIECES = (
    "a", "B ", "1", "$(undef)", "\\ ", '"', "=", ":", "+", "@", "#x", "%", " ", "$INT(kk)", "$$(x)", "$(a-b)",
)  # fmt: skip
_OPERATORS = (" = ", "=", " =", " : ", "  =  ", " += ", " +,= ", " +||= ")
_CONTINUATIONS = ("  cont", "# c \\", "# c", "cont \\", "  \\")
_HERE = ("  l1", "# no", "", "l2 \\", " l3", "if true", "@y", " @x z")
_IFS = ("if true", "if false", "if defined A", "if ! defined b", "if $(kk)", "IF $(undef)")
_ELSES = ("else", "elif true", "elif defined E_f", "elif version < 9.0")
_ENDS = "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = true\nJOB_ROUTER_ROUTE_NAMES = R\n"


def settings(random: Random) -> str:
    """A configuration, and a route that shows what has become of its macros."""
    found = ["kk = 4"]
    depth = 0
    for _ in range(random.randrange(3, 9)):
        depth += _setting(random, depth, found)
    found += ["endif"] * depth
    show: list[str] = []
    for number, name in enumerate(_NAMES):
        show += [f"SET d{number} $F({name})", f"SET e{number} $STRING({name})", f'SET f{number} "$F({name})"']
        show += [f"SET q{number} $Fq({name})", f"if defined {name}", f"SET g{number} 1", "endif"]
    return "\n".join(found) + "\n" + _ENDS + block("JOB_ROUTER_ROUTE_R", show)


def _setting(random: Random, depth: int, found: list[str]) -> int:
    """Adds lines, and says by how much the conditionals are deeper."""
    index = random.randrange(len(_NAMES))
    name = _NAMES[index]
    text = _text(random, name, _NAMES[:index] or ("undef",))
    kind = random.random()
    if kind < 0.4:
        found.append(f"{random.choice(('', '  ', chr(9)))}{name}{random.choice(_OPERATORS)}{text}")
    elif kind < 0.55:
        found += [f"{name} = {text} \\", random.choice(_CONTINUATIONS), "  end"]
    elif kind < 0.65:
        content = [random.choice((*_HERE, f"$({name})")) for _ in range(random.randrange(4))]
        found += [f"{name} @=x", *content, "  @x"]
    elif kind < 0.72:
        found.append(random.choice(("# comment", "#c \\", "", "   ", "[ini]")))
    elif kind < 0.85:
        found.append(random.choice(_IFS))
        if random.random() < 0.5:
            found += [f"  {name} = 1", random.choice(_ELSES)]
        return 1
    elif depth:
        found.append("endif")
        return -1
    return 0


def _text(random: Random, name: str, before: Sequence[str]) -> str:
    """A macro may refer to itself and to those before it."""
    pieces = (*_PIECES, f"$({random.choice(before)})", f"$({random.choice(before)}:d)")
    text = "".join(random.choice(pieces) for _ in range(random.randrange(5)))
    return random.choice((f"$({name})", f"$({name}:q) ")) + text if random.random() < 0.3 else text
