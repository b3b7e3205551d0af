"""Expands macros, within bounds.

A pilot's own texts are put in but never expanded again: their `$` is kept as a NUL, which no text has, until
all is done. HTCondor does expand them again, so that whoever sends a pilot could read the configuration.
"""

from __future__ import annotations

from collections.abc import Collection

from hosted_ce.routing.htcondor.functions import call
from hosted_ce.routing.htcondor.macro_scope import Scope
from hosted_ce.routing.htcondor.references import Macro, find_macro, is_dollar


def expand(text: str, scope: Scope) -> str:
    """The text with all macros expanded. Raises TooMuch."""
    return unmask(expand_masked(text, scope))


def expand_masked(text: str, scope: Scope) -> str:
    """The same, but with NULs for the `$` of a pilot's texts."""
    if "$" not in text:
        return text
    with scope.budget.deeper():
        while macro := find_macro(text):
            text = _replace(text, macro, call(macro, scope, expand_masked), scope)
    while macro := find_macro(text, is_dollar):
        text = _replace(text, macro, "$", scope)
    return text


def expand_self(text: str, names: Collection[str], scope: Scope) -> str:
    """The text with references to one macro expanded, as an assignment to it needs. Raises TooMuch.

    `names` are what the macro can be called, in lower case.
    """

    while macro := find_macro(text, lambda macro: macro.is_plainly(names)):
        text = _replace(text, macro, call(macro, scope, expand_masked), scope)
    return text


def _replace(text: str, macro: Macro, value: str, scope: Scope) -> str:
    text = text[: macro.start] + value + text[macro.end :]
    scope.budget.spend(text)
    return text


def mask(text: str) -> str:
    """A pilot's text, such that it is not expanded."""
    return text.replace("$", "\0")


def unmask(text: str) -> str:
    """Undoes `mask`."""
    return text.replace("\0", "$")
