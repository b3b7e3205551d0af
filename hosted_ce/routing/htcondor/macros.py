"""Expands macros, within bounds.

A pilot's own texts are put in but never expanded again: their `$` is kept as a NUL, which no text has, until
all is done. HTCondor does expand them again, so that whoever sends a pilot could read the configuration.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Protocol

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.functions import call
from hosted_ce.routing.htcondor.references import Macro, find_macro, is_dollar

LONGEST_TEXT = 65_536
MOST_EXPANSIONS = 10_000
DEEPEST = 50


class TooMuch(Exception):
    """Macros expand without end, or to more than is sensible."""


class Budget:
    """What one pilot's routing may expand; a loop of macros ends when it is spent."""

    def __init__(self) -> None:
        self._left = MOST_EXPANSIONS
        self._depth = 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """While the text of a function's macro is expanded. Raises TooMuch."""
        if self._depth >= DEEPEST:
            raise TooMuch(f"functions of macros are more than {DEEPEST} deep; does one lead to itself?")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def spend(self, text: str) -> None:
        """Raises TooMuch."""
        self._left -= 1
        if self._left < 0:
            raise TooMuch(f"more than {MOST_EXPANSIONS} macros are expanded; does one lead to itself?")
        if len(text) > LONGEST_TEXT:
            raise TooMuch(f"macros expand to more than {LONGEST_TEXT} characters")


class Scope(Protocol):
    """Where macros are looked up. `ad` is the pilot's, where there is one."""

    @property
    def budget(self) -> Budget:
        """What is left to expand."""

    @property
    def ad(self) -> Ad | None:
        """What `$EVAL()` is evaluated over."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What `$ENV()` sees."""

    @property
    def random(self) -> Random:
        """What `$RANDOM_CHOICE()` chooses by."""

    def lookup(self, name: str) -> str | None:
        """The macro's text before expansion, or None. A pilot's text has NULs for `$`."""

    def complain(self, message: str) -> None:
        """Takes note of a function that failed; the text goes on without it."""


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
