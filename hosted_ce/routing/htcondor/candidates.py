"""HTCondor's first look at a pilot: one query over the queue, before any route is tried.

It has the source constraint and any of the REQUIREMENTS, read as new ClassAd syntax, with the pilot as TARGET
and nothing as MY. A pilot that it does not select is never seen by a route.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from hosted_ce.routing.classad import Ad, EvaluationFailed, ExpressionError, is_error, is_true, spell_new
from hosted_ce.routing.htcondor.expressions import Expression, beginning
from hosted_ce.routing.htcondor.routes import Route
from hosted_ce.routing.htcondor.steps import Requirements

_NOTHING = Ad()


def why_not_selected(constraint: str, routes: Iterable[Route], ad: Ad) -> str | None:
    """Why the query does not select the pilot; None if it does. `routes` are those that have room.

    HTCondor reads the REQUIREMENTS in the order of the routes' names.
    """
    if constraint and not is_true(_value(constraint, ad)):
        return f"the source constraint `{constraint}` does not select the pilot"
    by_name = sorted(routes, key=lambda route: route.name.lower())
    texts = tuple(dict.fromkeys(_text(route.program.requirements) for route in by_name))
    if not texts or is_true(_value(_any(texts), ad)):
        return None
    for text in texts:
        if is_error(_value(text, ad)):
            return f"HTCondor keeps the pilot from all routes, since `{text}` is an error for it"
    return "HTCondor's query does not select the pilot: there `MY.` is nothing, and strings have escapes"


def _text(requirements: Requirements | None) -> str:
    """The requirements as the query reads them. Those that would end HTCondor there are read as elsewhere."""
    if requirements is None or requirements.expression is None:
        return "true"
    try:
        beginning(f"({requirements.text})")
    except ExpressionError:
        return spell_new(requirements.expression.tree)
    return requirements.text


def _any(texts: tuple[str, ...]) -> str:
    """All joined by `||`, halves first: the library does not evaluate hundreds in a row."""
    if len(texts) == 1:
        return texts[0]
    half = len(texts) // 2
    return f"({_any(texts[:half])}) || ({_any(texts[half:])})"


def _value(text: str, ad: Ad) -> Any:
    expression = _parsed(f"({text})")
    try:
        return None if expression is None else _NOTHING.evaluate(expression.tree, target=ad)
    except EvaluationFailed:
        return None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Expression | None:
    try:
        return beginning(text)
    except ExpressionError:
        return None
