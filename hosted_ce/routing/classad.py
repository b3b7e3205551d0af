"""ClassAd expressions, evaluated by HTCondor's own library.

htcondor2 must be imported before classad2 is used: it switches the library to HTCondor's semantics, without
which `MY.x` is silently undefined. It would also set CONDOR_CONFIG, so that is settled first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

os.environ.setdefault("CONDOR_CONFIG", "ONLY_ENV")
import htcondor2  # isort: skip
import classad2  # isort: skip

__all__ = ["ExpressionError", "check_expression", "evaluate", "explain_false"]


class ExpressionError(ValueError):
    """The text is not a ClassAd expression."""


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Any:
    # Parsed in two kinds of brackets: the parser stops at a closing one and ignores what follows it, so that
    # it would take `a] [b=c`, `a)` and `a) || (b`. None of these fits both.
    flat = text.replace("\n", " ")
    try:
        _attribute(f"{{{flat}}}")
        return _attribute(f"({flat})")
    except (KeyError, UnicodeEncodeError, classad2.ClassAdException) as error:
        raise ExpressionError(f"not a ClassAd expression: {text!r}") from error


def _attribute(text: str) -> Any:
    return classad2.parseOne(f"X = {text}\n", classad2.ParserType.Old).lookup("X")


def check_expression(text: str) -> str | None:
    """What is wrong with the text of an expression; None when nothing is."""
    try:
        _parsed(text)
    except ExpressionError as error:
        return str(error)
    return None


def evaluate(text: str, attributes: Mapping[str, Any]) -> Any:
    """The expression's value over these attributes: a Python value, or None for undefined and error."""
    value = _parsed(text).eval(classad2.ClassAd(dict(attributes)))
    return None if isinstance(value, classad2.Value) else value


def explain_false(text: str, attributes: Mapping[str, Any]) -> str:
    """Says for a person what the expression was when it did not hold."""
    value = _parsed(text).eval(classad2.ClassAd(dict(attributes)))
    shown = (
        {1: "error", 2: "undefined"}[int(value)] if isinstance(value, classad2.Value) else str(value).lower()
    )
    return f"`{text}` is {shown}"


if evaluate("MY.x", {"x": 1}) != 1:  # pragma: no cover - a broken installation
    raise ImportError(f"the ClassAd library has not HTCondor's semantics ({htcondor2.version()})")
