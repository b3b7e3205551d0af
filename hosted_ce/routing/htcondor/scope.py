"""Where a transform's macros are looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.macro_scope import Budget
from hosted_ce.routing.htcondor.macros import expand_self, mask

_PREFIX = "xform."
"""`XFORM.NAME` goes before NAME."""
_BUILT_IN = {
    "isclusterad": "0",
    "islinux": "1",
    "iswindows": "0",
    "iterating": "0",
    "latematerialization": "0",
}

Lookup = Callable[[str], str | None]


@dataclass(slots=True)
class TransformScope:
    """The macros that one pilot's transforms and route share. `ad` is the ad that they change.

    Looked up are, in this order, their own, HTCondor's own, `MY.` attributes, and the configuration.
    """

    configuration: Lookup
    ad: Ad | None
    environment: Mapping[str, str] = field(default_factory=dict)
    random: Random = field(default_factory=Random)
    budget: Budget = field(default_factory=Budget)
    complaints: list[str] = field(default_factory=list)
    _own: dict[str, str] = field(default_factory=dict)

    def lookup(self, name: str) -> str | None:
        """See Scope."""
        lower = name.lower()
        for key in (_PREFIX + lower, lower):
            if (own := self._own.get(key)) is not None:
                return own
        if lower in _BUILT_IN:
            return _BUILT_IN[lower]
        if self.ad is not None and lower.startswith("my.") and (words := self.ad.words(name[3:])) is not None:
            return mask(words)
        return self.configuration(name) or None

    def complain(self, message: str) -> None:
        """See Scope."""
        self.complaints.append(message)

    def assign(self, name: str, text: str) -> None:
        """Gives a macro its text, in which it may refer to itself. Raises TooMuch."""
        lower = name.lower()
        self._own[lower] = expand_self(text, (lower, lower.removeprefix(_PREFIX)), self)

    def append(self, name: str, text: str, glue: str) -> None:
        """Puts the text behind what the macro has. Raises TooMuch."""
        present = self.lookup(name)
        self.assign(name, f"{present}{glue}{text}" if present else text)

    def assign_value(self, name: str, text: str) -> None:
        """Gives a macro a text that came from the pilot, and is not to be expanded."""
        self._own[name.lower()] = mask(text)
