"""Macros that lead to each other without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.config import in_order
from hosted_ce.routing.htcondor.lint.parts import Part, Subject, error, warning
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.references import find_macro

_MOST = 20
"""Circles that are told of one route; who has more will not look at them all."""


@dataclass(slots=True)
class _Macro:
    """A macro as its text, or one of its texts, has it."""

    name: str
    place: Place
    leads_to: set[str] = field(default_factory=set)


_Graph = dict[str, _Macro]


def check(subject: Subject) -> Iterator[Finding]:
    """A finding for each circle. Those that routes and transforms make may depend on the pilot."""
    common = _of_configuration(subject)
    for circle in _circles(common):
        yield error(circle[0].place, "endless-macro", _message(circle))
    around = [part for part in subject.parts if part.kind != "route"]
    for route in (None, *subject.of_kind("route")):
        own = _of_parts([*around, route] if route else around)
        if own:
            for circle in _circles(common | own):
                yield warning(circle[0].place, "endless-macro", _message(circle))


def _message(circle: list[_Macro]) -> str:
    return f"macros lead to each other: {', '.join(macro.name for macro in (*circle, circle[0]))}"


def _circles(graph: _Graph) -> Iterator[list[_Macro]]:
    """Circles, each from where it is first defined. They are taken out of the graph."""
    for _ in range(_MOST):
        edges = {key: macro.leads_to & graph.keys() for key, macro in graph.items()}
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as found:
            circle = [graph[key] for key in found.args[1][:0:-1]]
            first = min(range(len(circle)), key=lambda index: circle[index].place)
            yield circle[first:] + circle[:first]
            for macro in circle:
                macro.leads_to.clear()
        else:
            return


def _of_configuration(subject: Subject) -> _Graph:
    graph = {}
    for definition in in_order(subject.config):
        macro = _Macro(definition.name, definition.place)
        for name in _leads_to(definition.text):
            other = subject.config.find(name)
            macro.leads_to.add(other.name.lower() if other else name)
        graph[definition.name.lower()] = macro
    return graph


def _of_parts(parts: Iterable[Part]) -> _Graph:
    graph: _Graph = {}
    for part in parts:
        for step in part.program.steps:
            if isinstance(step, steps.Assign) and not step.name.macros:
                name = step.name.source
                macro = graph.setdefault(name.lower(), _Macro(name, step.place))
                macro.leads_to |= set(_leads_to(step.value, name.lower()))
    return graph


def _leads_to(text: str, assigned: str = "") -> Iterator[str]:
    """The macros that are surely expanded with the text; plain ones of itself go when it is assigned."""
    at = 0
    while macro := find_macro(text, at=at):
        at = macro.end
        if not (assigned and macro.is_plainly((assigned,))):
            yield from macro.names
