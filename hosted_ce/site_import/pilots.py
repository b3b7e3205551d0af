"""`[Pilot name]` sections of osg-configure: what a CE of today tells factories that they may send."""

from __future__ import annotations

import re

from hosted_ce.routing.htcondor.place import shown
from hosted_ce.site import BadValue, text
from hosted_ce.site_import.facts import Facts, PilotKind
from hosted_ce.site_import.ini import Section
from hosted_ce.site_import.numbers import number_of
from hosted_ce.site_import.secrets import show
from hosted_ce.site_import.values import Found

_FOR_THE_FACTORY = {
    "os": "the factory's entry has it; a route can ask for such nodes with constraint:",
    "require_singularity": "the factory's entry has it",
    "send_tests": "the factory's entry has it",
}
_MOST_PILOTS = 1_000_000


def take_pilots(section: Section, facts: Facts) -> None:
    """Adds a route for the section."""
    name = _name(section, facts)
    whole = _truth(section, "whole_node", facts)
    cpus = _number(section, "cpucount", 1, 8192, facts)
    memory = _number(section, "ram_mb", 512, 8_388_608, facts)
    walltime = _number(section, "max_wall_time", 1, 52_000_000, facts)
    if section.options.get("max_pilots") is None:
        facts.notes.person(section.place, f"[{section.name}]", "max_pilots is required, and is not there")
    kind = PilotKind(
        name=name,
        place=section.place,
        cpus=cpus if cpus or whole else 1,
        memory=memory if memory or whole else 2500,
        walltime=walltime or 1440,
        queue=_queue(section, facts),
        gpus=_number(section, "gpucount", 0, 1024, facts) or 0,
        whole_node=whole,
        most=_number(section, "max_pilots", 0, _MOST_PILOTS, facts),
        vos=_vos(section),
        section=f"[{section.name}]",
    )
    facts.kinds[name] = kind
    facts.notes.mapped(section.place, f"[{section.name}]", f"route {name}")
    _tell_rest(section, facts)


def _name(section: Section, facts: Facts) -> str:
    given = section.name.partition(" ")[2].strip()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", given).strip("-")[:64] or "pilots"
    number = 1 + len(facts.kinds) if name in facts.kinds else 1
    unique = name if number == 1 else f"{name[:56]}-{number}"
    while unique in facts.kinds:
        number += 1
        unique = f"{name[:56]}-{number}"
    if unique != given:
        message = f"its route is called {unique}; the factory's entry goes by the route's name"
        facts.notes.person(section.place, f"[{shown(section.name)}]", message)
    return unique


def _number(section: Section, name: str, least: int, most: int, facts: Facts) -> int | None:
    option = section.take(name)
    if option is None:
        return None
    number = number_of(option.text)
    if number is None or not least <= number <= most:
        message = f"it is no whole number from {least} to {most}, and was left out"
        facts.notes.person(option.place, show(option.what, option.value), message)
        return None
    facts.notes.mapped(option.place, option.what, f"{_WHERE[name]}: {number}")
    return number


_WHERE = {
    "cpucount": "request.cpus",
    "ram_mb": "request.memory in MB",
    "max_wall_time": "request.walltime in minutes",
    "gpucount": "request.gpus",
    "max_pilots": "limits.pilots, counted here exactly",
}


def _truth(section: Section, name: str, facts: Facts) -> bool:
    option = section.take(name)
    if option is None:
        return False
    truth = {"1": True, "0": False}.get(option.text or "", option.truth)
    if truth is None:
        facts.notes.person(option.place, show(option.what, option.value), "it is neither true nor false")
        return False
    facts.notes.mapped(option.place, option.what, f"request.{name}: {str(truth).lower()}")
    return truth


def _queue(section: Section, facts: Facts) -> str | None:
    option = section.take("queue")
    if option is None or (words := facts.words(option)) is None:
        return None
    try:
        queue = text.BATCH_WORD.check(words)
    except BadValue as fault:
        facts.notes.person(option.place, option.what, f"it cannot go to request.queue: {fault}")
        return None
    facts.notes.mapped(option.place, option.what, f"request.queue: {queue}")
    return queue


def _vos(section: Section) -> tuple[str, ...]:
    option = section.options.get("allowed_vos")
    return tuple(sorted(set(str(option.value).lower().replace(",", " ").split()))) if option else ()


def _tell_rest(section: Section, facts: Facts) -> None:
    vos = section.take("allowed_vos")
    if vos is not None:
        _tell_vos(vos, facts)
    for option in section.rest():
        name = option.what.rpartition(" ")[2]
        if name in _FOR_THE_FACTORY:
            facts.notes.unneeded(option.place, show(option.what, option.value), _FOR_THE_FACTORY[name])
        else:
            facts.notes.person(option.place, show(option.what, option.value), "this option is not known")


def _tell_vos(vos: Found, facts: Facts) -> None:
    message = "factories go by it, the CE of today does not: whose pilots are taken is said under issuers:"
    facts.notes.unneeded(vos.place, show(vos.what, vos.value), message)
