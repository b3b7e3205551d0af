"""Expressions of the route language, parsed as HTCondor parses them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from hosted_ce.routing.classad import LONGEST_EXPRESSION, ExpressionError, Tree, tree_of
from hosted_ce.routing.htcondor.place import shown
from hosted_ce.routing.htcondor.tokens import Extent, Token, first_expression

UNBOUNDED = frozenset({"eval", "evalineachcontext", "countmatches"})
"""Functions that the library's limits do not hold: nested, they run for hours."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression. `ignored` is text behind it that HTCondor passes over in silence."""

    text: str
    tree: Tree
    tokens: tuple[Token, ...]
    ignored: str


@lru_cache(maxsize=4096)
def whole(text: str) -> Expression:
    """The whole text as one expression with old strings, as `SET` and REQUIREMENTS read it.

    Raises ExpressionError.
    """
    extent = _extent(text, old=True)
    if extent.more and not extent.open_ended:
        raise ExpressionError(f"`{shown(text[extent.end :].strip())}` is too much behind the expression")
    return _expression(text, extent, old=True)


@lru_cache(maxsize=4096)
def beginning(text: str) -> Expression:
    """The first expression of the text with new strings, as `EVALSET` and EVALMACRO read it.

    Raises ExpressionError.
    """
    return _expression(text, _extent(text, old=False), old=False)


def _extent(text: str, *, old: bool) -> Extent:
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"it has {len(text)} characters; the most is {LONGEST_EXPRESSION}")
    extent = first_expression(text, old=old)
    if extent is None:
        raise ExpressionError(f"`{shown(text)}` is not a ClassAd expression" if text else "there is none")
    return extent


def _expression(text: str, extent: Extent, *, old: bool) -> Expression:
    if old and any(one.kind == two.kind in ("string", "quoted") for one, two in pairwise(extent.tokens)):
        raise ExpressionError(f"`{shown(text)}` has two strings side by side")
    if called := _calls(extent.tokens) & UNBOUNDED:
        raise ExpressionError(f"the function {min(called)} is not taken here: it can run without end")
    try:
        tree = tree_of(_respell(text, extent, old=old))
    except ExpressionError as error:
        raise ExpressionError(f"`{shown(text)}` is not a ClassAd expression") from error
    ignored = text[extent.end :].strip() if extent.more else ""
    return Expression(text[: extent.end], tree, extent.tokens, ignored)


def _calls(found: tuple[Token, ...]) -> set[str]:
    return {
        name.text.lower()
        for name, mark in pairwise(found)
        if name.kind in ("word", "quoted") and mark.kind == "mark" and mark.text == "("
    }


def _respell(text: str, extent: Extent, *, old: bool) -> str:
    """In new ClassAd syntax, on one line: without comments, and with old strings' backslashes doubled."""
    parts, at = [], 0
    for token in extent.tokens:
        parts.append(" " if token.start > at else "")
        parts.append(_spell(token) if old else text[token.start : token.end])
        at = token.end
    return "".join(parts)


def _spell(token: Token) -> str:
    match token.kind:
        case "string":
            return _quoted(token.text, '"')
        case "quoted":
            return _quoted(token.text, "'")
        case _:
            return token.text


def _quoted(content: str, quote: str) -> str:
    escaped = content.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n")
    return f"{quote}{escaped}{quote}"
