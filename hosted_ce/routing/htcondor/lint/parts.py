"""The transforms and routes of a configuration, as the rules look at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.compile import seal
from hosted_ce.routing.htcondor.config import Config, Definition
from hosted_ce.routing.htcondor.envelope import Envelope, open_envelope
from hosted_ce.routing.htcondor.place import Finding, Place

ROUTE = "JOB_ROUTER_ROUTE_"
TRANSFORM = "JOB_ROUTER_TRANSFORM_"
NAMES = f"{ROUTE}NAMES"
BEFORE = "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES"
AFTER = "JOB_ROUTER_POST_ROUTE_TRANSFORM_NAMES"

Kind = Literal["before", "route", "after"]


@dataclass(frozen=True)
class Part:
    """A transform before or after the routes, or a route."""

    kind: Kind
    name: str
    definition: Definition
    envelope: Envelope
    program: steps.Program

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.definition.place

    def texts(self) -> Iterator[tuple[Place, str]]:
        """All texts in which macros are expanded, without those of conditions."""
        for step in self.program.steps:
            match step:
                case steps.Set() | steps.EvalSet() | steps.EvalMacro():
                    yield step.place, step.value.source
                case steps.Copy():
                    yield step.place, step.name.source
                case steps.Assign():
                    yield step.place, step.name.source
                    yield step.place, step.value

    def conditions(self) -> Iterator[tuple[Place, str]]:
        """The texts behind `if` and `elif`."""
        for step in self.program.steps:
            if isinstance(step, steps.If | steps.Elif):
                yield step.place, step.condition


@dataclass(frozen=True)
class Subject:
    """A configuration under examination."""

    config: Config

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Transforms before the routes, routes, transforms after them, in the order of their use."""
        found: list[Part] = []
        listed: tuple[tuple[Kind, str, str], ...] = (
            ("before", BEFORE, TRANSFORM),
            ("route", NAMES, ROUTE),
            ("after", AFTER, TRANSFORM),
        )
        for kind, names, prefix in listed:
            for name in self.config.words(names):
                definition = self.config.find(prefix + name)
                if definition and definition.text:
                    envelope = open_envelope(definition.lines)
                    program = seal(name, definition.place, envelope)
                    found.append(Part(kind, name, definition, envelope, program))
        return tuple(found)

    def of_kind(self, kind: Kind) -> Iterator[Part]:
        """The parts of one kind, in order."""
        return (part for part in self.parts if part.kind == kind)


def warning(place: Place, code: str, message: str) -> Finding:
    """Something that HTCondor-CE takes in silence."""
    return Finding(place, "warning", code, message)


def error(place: Place, code: str, message: str) -> Finding:
    """Something that HTCondor-CE refuses, or logs each time and passes over."""
    return Finding(place, "error", code, message)
