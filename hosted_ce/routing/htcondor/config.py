"""HTCondor configuration: texts of files read into macros, each with the place of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.htcondor.lines import Line
from hosted_ce.routing.htcondor.macro_scope import Budget, TooMuch
from hosted_ce.routing.htcondor.macros import expand
from hosted_ce.routing.htcondor.numbers import read_integer, read_truth
from hosted_ce.routing.htcondor.place import Finding, Place

SUBSYSTEM = "job_router"


@dataclass(frozen=True, slots=True)
class Definition:
    """A macro as it was last defined: its name as written, and the lines of its text."""

    name: str
    place: Place
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The text, with macros as they are."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Config:
    """All macros of a configuration, by name in lower case, and what was found while it was read.

    `base` are macros that HTCondor has by itself, such as FULL_HOSTNAME.
    """

    macros: Mapping[str, Definition]
    findings: tuple[Finding, ...] = ()
    base: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Definition | None:
        """The definition that counts for the job router: `JOB_ROUTER.NAME` goes before `NAME`."""
        lower = name.lower()
        return self.macros.get(f"{SUBSYSTEM}.{lower}") or self.macros.get(lower)

    def lookup(self, name: str) -> str | None:
        """The macro's text before expansion, or None."""
        found = self.find(name)
        return self.base.get(name.lower()) if found is None else found.text

    def get(self, name: str) -> str:
        """The macro's text, expanded; "" where there is none. Raises TooMuch."""
        text = self.lookup(name)
        return expand(text, ConfigScope(self)) if text else ""

    def words(self, name: str) -> list[str]:
        """The macro's text as a list; of words that differ by case only the first. Raises TooMuch."""
        found: dict[str, str] = {}
        for word in self.get(name).replace(",", " ").split():
            found.setdefault(word.lower(), word)
        return list(found.values())

    def integer(self, name: str, default: int) -> int:
        """The macro as a whole number; the default where it is none, or cannot be expanded."""
        value = read_integer(self._text(name))
        return default if value is None else value

    def truth(self, name: str, default: bool) -> bool:
        """The macro as true or false; the default where it is neither, or cannot be expanded."""
        value = read_truth(self._text(name))
        return default if value is None else value

    def _text(self, name: str) -> str:
        try:
            return self.get(name)
        except TooMuch:
            return ""


@dataclass(slots=True)
class ConfigScope:
    """Looks macros up in a configuration."""

    config: Config
    budget: Budget = field(default_factory=Budget)
    ad: Ad | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    random: Random = field(default_factory=Random)
    complaints: list[str] = field(default_factory=list)

    def lookup(self, name: str) -> str | None:
        """See macros.Scope."""
        return self.config.lookup(name)

    def complain(self, message: str) -> None:
        """See macros.Scope."""
        self.complaints.append(message)


def own_names(name: str) -> tuple[str, ...]:
    """What a macro's own text may call it, in lower case: JOB_ROUTER.NAME is NAME, too."""
    lower = name.lower()
    return lower, lower.removeprefix(f"{SUBSYSTEM}.")


def in_order(config: Config) -> Iterator[Definition]:
    """The definitions in the order of their places."""
    return iter(sorted(config.macros.values(), key=lambda definition: definition.place))


Files = Iterable[tuple[str, str]]
"""Names and texts of configuration files, in the order in which they are read."""
