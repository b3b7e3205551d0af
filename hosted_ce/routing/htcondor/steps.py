"""The compiled form of routes and transforms: a flat list of steps. Both route languages compile to it."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.routing.htcondor.expressions import Expression
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.words import NamePattern


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a step. Where `macros` is false it is taken as it is, whatever `$` it has."""

    source: str
    macros: bool

    @classmethod
    def of(cls, source: str) -> Text:
        """A text of HTCondor's language."""
        return cls(source, "$" in source)


@dataclass(frozen=True, slots=True)
class Set:
    """The attribute becomes the expression, unevaluated; with `default` only where it is absent."""

    place: Place
    attribute: str
    value: Text
    default: bool = False


@dataclass(frozen=True, slots=True)
class EvalSet:
    """The attribute becomes the expression's present value."""

    place: Place
    attribute: str
    value: Text


@dataclass(frozen=True, slots=True)
class EvalMacro:
    """The macro becomes the text of the expression's present value."""

    place: Place
    name: str
    value: Text


@dataclass(frozen=True, slots=True)
class Copy:
    """The attribute, or all that match, are also there under another name, or only there if `move`.

    A pattern's new names may have `\\0` to `\\9` for what matched.
    """

    place: Place
    attribute: str | NamePattern
    name: Text
    move: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """The attribute, or all that match, are gone."""

    place: Place
    attribute: str | NamePattern


@dataclass(frozen=True, slots=True)
class Assign:
    """The macro becomes the text. With `glue` the text goes behind what the macro has."""

    place: Place
    name: Text
    value: str
    glue: str | None = None


@dataclass(frozen=True, slots=True)
class If:
    """The following steps up to Elif, Else or EndIf only if the condition holds."""

    place: Place
    condition: str


@dataclass(frozen=True, slots=True)
class Elif:
    """The same, if no condition before it held."""

    place: Place
    condition: str


@dataclass(frozen=True, slots=True)
class Else:
    """The following steps only if no condition held."""

    place: Place


@dataclass(frozen=True, slots=True)
class EndIf:
    """The end of an If."""

    place: Place


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a transform fails. Unless `late`, HTCondor refuses a route that comes here when it is loaded.

    `always` says that conditions around it do not keep it off.
    """

    place: Place
    message: str
    late: bool = False
    always: bool = False


Step = Set | EvalSet | EvalMacro | Copy | Delete | Assign | If | Elif | Else | EndIf | Broken


@dataclass(frozen=True, slots=True)
class Requirements:
    """Which pilots a transform or a route is for. None as `expression`: HTCondor would refuse the text."""

    place: Place
    text: str
    expression: Expression | None


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled transform or route. `universe` is 0 where none is given by a UNIVERSE line."""

    name: str
    place: Place
    requirements: Requirements | None
    universe: int
    steps: tuple[Step, ...]
