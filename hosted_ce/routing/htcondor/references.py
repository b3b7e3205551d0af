"""Finds references to macros in a text: `$(NAME)`, `$(NAME:default)`, and functions such as `$INT(NAME)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

_PREFIX = re.compile(r"\$\$?[A-Za-z0-9_]*")
_NAMED_BODY = re.compile(r"[\w./]*(?::(?:[\w./$\0 ,\\:]|\([^)]*\))*)?\)", re.ASCII)
_ANY_BODY = re.compile(r"[^)]*\)")
_FUNCTION = re.compile(
    r"(?:ENV|RANDOM_CHOICE|RANDOM_INTEGER|CHOICE|SUBSTR|INT|REAL|STRING|EVAL|BASENAME|DIRNAME)\Z"
    r"|F[pnxdqabfwuPNXDQABFWU]*\Z"
)
_LOOKED_UP = {"ENV": 0, "RANDOM_INTEGER": 0, "RANDOM_CHOICE": 0, "SUBSTR": 3}
"""How many arguments of a function can be macros, where it is not the first only."""
_LISTS_OF = {"CHOICE": 2, "RANDOM_CHOICE": 1}
"""Number of arguments where all can be, since the last is the name of a list."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A reference in a text: its function ("" for a plain one), what is in the brackets, and where it is."""

    function: str
    body: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """The macro that a plain reference names."""
        return self.body.partition(":")[0]

    @property
    def default(self) -> str | None:
        """What a plain reference stands for when the macro has no text."""
        _, colon, default = self.body.partition(":")
        return default if colon else None

    @property
    def names(self) -> list[str]:
        """The macros that are looked up for it, in lower case; what is behind the colon aside."""
        if not self.function:
            return [self.name.lower()]
        arguments = [argument.strip().lower() for argument in self.body.split(",")]
        if len(arguments) == _LISTS_OF.get(self.function):
            return arguments
        return arguments[: _LOOKED_UP.get(self.function, 1)]

    def is_plainly(self, names: Collection[str]) -> bool:
        """Whether it stands for one of these macros itself, or for parts of it as a file name."""
        return self.function[:1] in ("", "F") and self.name.lower() in names


Accept = Callable[[Macro], bool]


def is_dollar(macro: Macro) -> bool:
    """Whether it is `$(DOLLAR)`, which becomes a `$` when all else is expanded."""
    return not macro.function and macro.body.lower() == "dollar"


def is_other(macro: Macro) -> bool:
    """Whether it is any other than `$(DOLLAR)`."""
    return not is_dollar(macro)


def find_macro(text: str, accept: Accept = is_other, at: int = 0) -> Macro | None:
    """The first reference that is one: `$$(…)` is none, nor is `$(…)` with characters that no name has."""
    while prefix := _PREFIX.search(text, at):
        at = prefix.end()
        function = prefix[0][1:]
        if not text.startswith("(", at) or function.startswith("$") or not _is_function(function):
            continue
        body = (_NAMED_BODY if function in ("", "ENV") else _ANY_BODY).match(text, at + 1)
        if body is None:
            at += 1
            continue
        macro = Macro(function, body[0][:-1], prefix.start(), body.end())
        if accept(macro):
            return macro
        at = macro.end - 1
    return None


def _is_function(name: str) -> bool:
    return not name or bool(_FUNCTION.match(name))


def references(text: str) -> Iterator[Macro]:
    """All references in a text, those in defaults of others among them."""
    at = 0
    while macro := find_macro(text, lambda _: True, at):
        yield macro
        at = macro.start + 1 + len(macro.function) + 1
