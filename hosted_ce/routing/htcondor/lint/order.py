"""Routes and transforms that are never used, or are named and not there."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.routing.htcondor.config import in_order
from hosted_ce.routing.htcondor.lint.parts import (
    AFTER,
    BEFORE,
    NAMES,
    ROUTE,
    TRANSFORM,
    Part,
    Subject,
    error,
    warning,
)
from hosted_ce.routing.htcondor.place import Finding


def check(subject: Subject) -> Iterator[Finding]:
    """All rules of this module."""
    yield from _missing(subject)
    yield from _unnamed(subject)
    yield from _hidden(list(subject.of_kind("route")))


def _missing(subject: Subject) -> Iterator[Finding]:
    for names, prefix in ((NAMES, ROUTE), (BEFORE, TRANSFORM), (AFTER, TRANSFORM)):
        listed = subject.config.find(names)
        for name in subject.config.words(names) if listed else []:
            definition = subject.config.find(prefix + name)
            if listed is None or (definition and definition.text):
                continue
            what = "is empty" if definition else "is not defined"
            if prefix == ROUTE:
                message = f"{names} names the route {name}, which {what}: it is left out"
                yield warning(listed.place, "no-route", message)
            else:
                message = f"{names} names {prefix}{name}, which {what}: nothing is routed at all"
                yield error(listed.place, "no-transform", message)


def _unnamed(subject: Subject) -> Iterator[Finding]:
    routes = {name.lower() for name in subject.config.words(NAMES)}
    transforms = {name.lower() for names in (BEFORE, AFTER) for name in subject.config.words(names)}
    for definition in in_order(subject.config):
        upper = definition.name.upper()
        if upper.startswith(ROUTE) and upper != NAMES:
            name = definition.name[len(ROUTE) :]
            if name.lower() not in routes:
                yield warning(definition.place, "unnamed-route", f"{NAMES} does not name {name}: it is off")
        elif upper.startswith(TRANSFORM):
            name = definition.name[len(TRANSFORM) :]
            if name.lower() not in transforms:
                message = f"neither {BEFORE} nor {AFTER} names {name}: it is off"
                yield warning(definition.place, "unnamed-transform", message)


def _hidden(routes: list[Part]) -> Iterator[Finding]:
    """Routes behind one that takes the same pilots, or all of them."""
    seen: dict[str, Part] = {}
    for route in routes:
        wanted = _wanted(route)
        before = seen.get("true") or seen.get(wanted)
        if before:
            why = "takes every pilot" if _wanted(before) == "true" else "has the same REQUIREMENTS"
            message = f"the route {before.name} comes first and {why}: pilots get here only while it is full"
            yield warning(route.place, "hidden-route", message)
        seen.setdefault(wanted, route)


def _wanted(route: Part) -> str:
    wanted = route.program.requirements
    return " ".join(wanted.text.lower().split()) if wanted else "true"
