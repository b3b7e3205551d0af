"""Random rows of tokens as expressions: where HTCondor finds the end of one, and what it refuses."""

from __future__ import annotations

from random import Random

from tests.e2e.routing.random_transforms import block

_WORDS = (
    "x", "b", "x", "MY.b", "TARGET", "size", "strcat", "true", "False", "undefined", "error", "is", "isnt",
    "parent", "absent", "'b'", "'size'", "e", "Ex9", "_",
)  # fmt: skip
_VALUES = (
    "1", "0", "2.5", ".5", "1E2", "1.e", "07", "8K", "0x1F", "-0x1", "0x2.5",
    '"s"', '"a\\"b"', '"c\\n"', "'q w'", '"', "'", '"t\\\\"',
)  # fmt: skip
_MARKS = (
    "(", ")", "(", ")", "[", "]", "{", "}", ",", ";", ".", ".", "?", ":", "?:", "+", "-", "*", "/", "%", "!",
    "~", "&", "&&", "|", "||", "^", "<", "<=", ">", ">>", ">>>", "<<", "=", "==", "!=", "=?=", "=!=", "= =",
    "//c", "/*c*/", "/*", "#", "@", "`", "é", "\\ ",
)  # fmt: skip
_HEAD = "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = true\nJOB_ROUTER_ROUTE_NAMES = R\n"
PILOT = """\
ClusterId = 1
ProcId = 0
JobUniverse = 5
JobStatus = 1
Owner = "o"
x = [ b = 7; c = { 1 } ]
b = 8
"""


def row(random: Random) -> str:
    """Tokens side by side, now and then as an expression would have them."""
    found = []
    for index in range(random.randrange(1, 9)):
        kinds = (
            (_WORDS, _VALUES, _MARKS) if random.random() < 0.4 else ((_WORDS, _VALUES), (_MARKS,))[index % 2]
        )
        found.append(random.choice(random.choice(kinds)))
        found.append(random.choice(("", " ")))
    return "".join(found).strip()


def rows(random: Random, count: int = 25) -> str:
    """A configuration with a route in which rows stand behind each kind of statement."""
    body = []
    for number in range(count):
        text = row(random)
        body += [f"SET s{number} {text}", f"EVALSET e{number} {text}", f"EVALMACRO m{number} {text}"]
        body.append(f"SET f{number} $Fq(m{number})")
    return _HEAD + block("JOB_ROUTER_ROUTE_R", body)
