"""What macros are expanded in: where they are looked up, and how much may be expanded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Protocol

from hosted_ce.routing.classad import Ad

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
