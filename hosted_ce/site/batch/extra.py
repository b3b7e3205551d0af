"""Items of `extra` that are one option of a submit command and its value: which may be given, which not.

There are too many that change what a job is for a list of those to be refused: what is not known to be
harmless is refused.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from hosted_ce.site.errors import BadValue, quote

_OPTION_AND_VALUE = 2


@dataclass(frozen=True, slots=True)
class ExtraOptions:
    """Of one submit command. `owned` are the CE's own, with what to use instead; `example` is an item."""

    command: str
    allowed: frozenset[str]
    owned: Mapping[str, str]
    example: str

    def check_name(self, text: str, option: str) -> None:
        """Raises BadValue unless the option of the item `text` may be given."""
        if option in self.owned:
            raise set_by_the_ce(text, option, self.owned[option])
        if option not in self.allowed:
            known = f"these can be: {' '.join(sorted(self.allowed))}"
            raise BadValue(f"{quote(text)} is not an option of {self.command} that can be given here", known)

    def value_of(self, text: str) -> tuple[str, str]:
        """The option of an item and its value. Raises BadValue for any other form, and as check_name."""
        try:
            words = shlex.split(text)
        except ValueError:
            raise BadValue(f"{quote(text)} has a quote that is not closed") from None
        self.check_name(text, words[0] if words else "")
        if len(words) != _OPTION_AND_VALUE:
            hint = f"as in {self.example}, each an item"
            raise BadValue(f"{quote(text)} is not one option and its value", hint)
        return words[0], words[1]


def set_by_the_ce(text: str, what: str, instead: str) -> BadValue:
    """The error for what the CE sets itself."""
    return BadValue(f"{quote(text)} cannot be given here: {what} is set by the CE", instead)
