"""The functions of macros: `$INT()`, `$REAL()`, `$STRING()`, `$EVAL()`, `$CHOICE()`, `$SUBSTR()`, `$F…()` …

As in HTCondor a function that fails leaves nothing behind, and the text around it is used all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.routing.classad import Ad, EvaluationFailed, ExpressionError, spell_new
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.filenames import basename, dirname, parts_of
from hosted_ce.routing.htcondor.formats import FormatError, format_integer, format_real, format_text
from hosted_ce.routing.htcondor.macro_scope import Scope
from hosted_ce.routing.htcondor.numbers import read_integer, read_real
from hosted_ce.routing.htcondor.references import Macro

Expand = Callable[[str, Scope], str]

_BLANKS = " \t\n\r\f\v"
_HUGE = 2**31 - 1


class _Failed(Exception):
    """A function cannot be had; the message says why, `left` is what stays in the text."""

    def __init__(self, message: str, left: str = "") -> None:
        super().__init__(message)
        self.left = left


def call(macro: Macro, scope: Scope, expand: Expand) -> str:
    """What stands for the reference; it may have macros in it again."""
    if not macro.function:
        return scope.lookup(macro.name) or macro.default or ""
    try:
        if macro.function.startswith("F"):
            return parts_of(_text_of(macro.body, scope, expand), macro.function[1:])
        return _FUNCTIONS[macro.function](macro.body, scope, expand)
    except _Failed as failure:
        scope.complain(f"${macro.function}({macro.body}): {failure}")
        return failure.left


def _text_of(argument: str, scope: Scope, expand: Expand) -> str:
    """The macro's text, expanded; where there is no such macro, the argument itself."""
    found = scope.lookup(argument)
    text = argument if found is None else found
    return expand(text, scope) if "$" in text else text


def _env(body: str, scope: Scope, expand: Expand) -> str:
    name, colon, default = body.partition(":")
    return scope.environment.get(name, default if colon else "UNDEFINED")


def _int(body: str, scope: Scope, expand: Expand) -> str:
    name, comma, wanted = body.partition(",")
    text = _text_of(name, scope, expand)
    value = read_integer(_plain(text))
    shown = _formatted(format_integer, wanted, value or 0) if comma else str(value)
    if value is None:
        raise _Failed(f"`{text}` is not an integer")
    return shown


def _real(body: str, scope: Scope, expand: Expand) -> str:
    name, comma, wanted = body.partition(",")
    text = _text_of(name, scope, expand)
    value = read_real(_plain(text))
    shown = _formatted(format_real, wanted, 0.0 if value is None else value) if comma else ""
    if value is None:
        raise _Failed(f"`{text}` is not a number")
    if not comma:
        return format(value, ".16G")
    return shown if "." in shown else f"{shown}.0"


def _string(body: str, scope: Scope, expand: Expand) -> str:
    name, comma, wanted = body.partition(",")
    text = _text_of(name, scope, expand)
    try:
        value = Ad().evaluate(whole(_plain(text)).tree)
    except (ExpressionError, EvaluationFailed):
        value = None
    shown = value.replace("$", "\0") if isinstance(value, str) else text
    return _formatted(format_text, wanted, shown) if comma else shown


def _formatted(formatter: Callable[[str, object], str], wanted: str, value: object) -> str:
    try:
        return formatter(wanted, value)
    except FormatError as error:
        raise _Failed(str(error), left=wanted) from error


def _eval(body: str, scope: Scope, expand: Expand) -> str:
    found = scope.lookup(body)
    text = _text_of(body, scope, expand)
    left = text if "$" in _plain(body if found is None else found) else ""
    try:
        value = (scope.ad or Ad()).simplify(whole(_plain(text)).tree)
    except (ExpressionError, EvaluationFailed):
        return left
    content = value.eval()
    return (content if isinstance(content, str) else spell_new(value)).replace("$", "\0")


def _choice(body: str, scope: Scope, expand: Expand) -> str:
    first, _, rest = body.partition(",")
    text = _text_of(first.strip(_BLANKS), scope, expand)
    index = read_integer(_plain(text))
    if index is None or not 0 <= index < _HUGE:
        scope.complain(f"$CHOICE({body}): `{text}` is not an index")
        index = 0
    if "," not in body:
        raise _Failed("there is no list to choose from")
    items = rest
    if "," not in rest:
        found = scope.lookup(rest.strip(_BLANKS))
        if found is None:
            raise _Failed(f"there is no list named `{rest.strip(_BLANKS)}`")
        items = expand(found, scope)
    listed = items.split(",")
    if index >= len(listed):
        raise _Failed(f"there is no item {index} in a list of {len(listed)}")
    return listed[index].strip(_BLANKS)


def _substr(body: str, scope: Scope, expand: Expand) -> str:
    name, *numbers = body.split(",", 2)
    if not numbers:
        raise _Failed("it needs a start")
    start, *length = [_number(number, scope, expand) for number in numbers]
    found = scope.lookup(name)
    text = "" if found is None else _text_of(name, scope, expand)
    begin = min(max(start + len(text) if start < 0 else start, 0), len(text))
    rest = text[begin:]
    if not length:
        return rest
    return rest[: max(length[0] + len(rest) if length[0] < 0 else length[0], 0)]


def _number(argument: str, scope: Scope, expand: Expand) -> int:
    text = _text_of(argument, scope, expand)
    value = read_integer(_plain(text))
    if value is None or not -_HUGE - 1 <= value < _HUGE:
        raise _Failed(f"`{text}` is not a number of characters")
    return value


def _random_choice(body: str, scope: Scope, expand: Expand) -> str:
    items = _listed(body, ",")
    if len(items) == 1 and (found := scope.lookup(items[0])) is not None:
        items = _listed(expand(found, scope), ", \t\r\n")
    if not items:
        raise _Failed("there is nothing to choose from")
    return scope.random.choice(items)


def _listed(text: str, separators: str) -> list[str]:
    for separator in separators:
        text = text.replace(separator, ",")
    return [item for part in text.split(",") if (item := part.strip(_BLANKS))]


def _random_integer(body: str, scope: Scope, expand: Expand) -> str:
    numbers = [read_integer(item) if item.lstrip("+-").isdigit() else None for item in _listed(body, ",")]
    low, high, step = [*numbers, *([None, None, 1][len(numbers) :])][:3]
    if low is None or high is None or not step or step < 1 or low > high:
        raise _Failed("it needs a least and a greatest number, and a step if not 1")
    return str(scope.random.randrange(low, high + 1, step))


def _basename(body: str, scope: Scope, expand: Expand) -> str:
    name, comma, suffix = body.rpartition(",")
    if not comma:
        return basename(_text_of(body, scope, expand), "")
    return basename(_text_of(name, scope, expand), suffix.lstrip(_BLANKS))


def _dirname(body: str, scope: Scope, expand: Expand) -> str:
    return dirname(_text_of(body, scope, expand))


def _plain(text: str) -> str:
    return text.replace("\0", "$")


_FUNCTIONS: dict[str, Callable[[str, Scope, Expand], str]] = {
    "ENV": _env,
    "INT": _int,
    "REAL": _real,
    "STRING": _string,
    "EVAL": _eval,
    "CHOICE": _choice,
    "SUBSTR": _substr,
    "RANDOM_CHOICE": _random_choice,
    "RANDOM_INTEGER": _random_integer,
    "BASENAME": _basename,
    "DIRNAME": _dirname,
}
