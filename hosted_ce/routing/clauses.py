"""Which clause of a condition did not hold, and what the attributes in it were. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from hosted_ce.routing.classad import Ad, EvaluationFailed, ExpressionError, Tree, is_true, spell_value
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.place import shown
from hosted_ce.routing.htcondor.tokens import Token

_WORDS_OF_ITS_OWN = frozenset({"true", "false", "undefined", "error", "is", "isnt", "my", "target", "parent"})
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_LOOSER = frozenset({"||", "?", "?:", ":", "="})
"""What binds less than `&&`: with one of these beside it, a `&&` does not part the whole condition."""
_NOT_SHOWN = frozenset({"environment", "env", "arguments", "args"})
"""They may hold secrets, and what is said here is shown on public pages, and to others at the factory."""
_VALUES_SHOWN = 5
_DEEPEST = 20


def obstacle_in(text: str, ad: Ad) -> str:
    """The clauses of a condition, parted by `&&`, that are not true for the ad, with their attributes."""
    faults = [fault for clause in _clauses(text) if (fault := _fault(clause, ad))]
    return " and ".join(faults) if faults else f"`{shown(text, 200)}` is not true"


def _fault(clause: str, ad: Ad) -> str | None:
    try:
        expression = whole(clause)
        value = ad.evaluate(expression.tree)
    except ExpressionError as error:
        return str(error)
    except EvaluationFailed as error:
        return f"`{shown(clause, 200)}` cannot be evaluated: {error}"
    if is_true(value):
        return None
    names = _attributes(expression.tokens)
    said = f"`{shown(clause, 200)}` is {_result(value, names)}"
    known = ", ".join(_value_of(name, ad) for name in names[:_VALUES_SHOWN])
    return f"{said} ({known})" if known else said


def _result(value: object, names: tuple[str, ...]) -> str:
    if isinstance(value, str) and any(name.lower() in _NOT_SHOWN for name in names):
        return "a text, which is not shown"
    return shown(spell_value(value), 200)


def _value_of(name: str, ad: Ad) -> str:
    tree: Tree | None = ad.get(name)
    if tree is None:
        return f"{name} is not there"
    if name.lower() in _NOT_SHOWN:
        return f"{name} is not shown"
    value = ad.value(name)
    return f"{name} is {shown(repr(value) if isinstance(value, str) else spell_value(value), 80)}"


@lru_cache(maxsize=4096)
def _attributes(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for token, following in pairwise((*tokens, Token("mark", "", 0, 0))):
        called = following.kind == "mark" and following.text == "("
        if token.kind in ("word", "quoted") and not called and token.text.lower() not in _WORDS_OF_ITS_OWN:
            found.setdefault(token.text.lower(), token.text)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[str, ...]:
    return tuple(_parts(text, _DEEPEST))


def _parts(text: str, depth: int) -> Iterator[str]:
    try:
        tokens = whole(text).tokens
    except ExpressionError:
        yield text
        return
    inner = _within_brackets(text, tokens)
    cuts = [] if inner else _cuts(tokens)
    if depth and inner:
        yield from _parts(inner, depth - 1)
    elif depth and cuts:
        begin = 0
        for cut in (*cuts, Token("mark", "&&", len(text), len(text))):
            yield from _parts(text[begin : cut.start].strip(), depth - 1)
            begin = cut.end
    else:
        yield text.strip()


def _cuts(tokens: tuple[Token, ...]) -> list[Token]:
    """The `&&` outside of all brackets; none where something that binds less is there, too."""
    depth, cuts = 0, []
    for token in tokens:
        if token.kind != "mark":
            continue
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth == 0 and token.text in _LOOSER:
            return []
        if depth == 0 and token.text == "&&":
            cuts.append(token)
    return cuts


def _within_brackets(text: str, tokens: tuple[Token, ...]) -> str | None:
    """What is between a `(` that begins the text and the `)` that ends it."""
    if len(tokens) < 3 or tokens[0].text != "(" or tokens[0].kind != "mark":  # noqa: PLR2004
        return None
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth == 0:
            return text[tokens[0].end : token.start].strip() if token is tokens[-1] else None
    return None
