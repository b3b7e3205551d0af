"""HTCondor-CE's settings: which decide about routes, which go into the site file, and what of the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from hosted_ce.routing.htcondor.config import Config, Definition, in_order
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.numbers import read_integer
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.secrets import show
from hosted_ce.site_import.setting_rules import FLAT, ROUTER, name_setting
from hosted_ce.site_import.times import spell_minutes
from hosted_ce.site_import.values import Found

_REFERENCE = re.compile(r"\$[A-Za-z]*\(([A-Za-z_][\w.]*)", re.ASCII)
_MOST = 1_000_000


def decisive(config: Config, own: Iterable[Definition]) -> frozenset[str]:
    """The settings, in lower case, that decide about routes: the router's, and what they refer to."""
    known = _names_of_defaults()
    names = {
        definition.name.lower(): definition
        for definition in own
        if ROUTER.fullmatch(definition.name.rpartition(".")[2]) or definition.name.lower() in known
    }
    waiting = list(names.values())
    while waiting:
        for name in _REFERENCE.findall(waiting.pop().text):
            found = config.macros.get(name.lower())
            if found and name.lower() not in names:
                names[name.lower()] = found
                waiting.append(found)
    return frozenset(names)


@cache
def _names_of_defaults() -> frozenset[str]:
    """What HTCondor-CE's own chain reads."""
    return frozenset(read_config([ce_defaults()]).macros)


def are_flat(names: frozenset[str]) -> bool:
    """Whether all of them can be limits and requests of a site file's own routes."""
    return names <= FLAT


def take_settings(config: Config, own: Iterable[Definition], routed: frozenset[str], facts: Facts) -> None:
    """Takes or names each setting that does not decide about routes; with flat ones also those."""
    for definition in own:
        lower = definition.name.lower()
        if lower in routed and not (lower in FLAT and not facts.routers):
            continue
        found = Found(_expanded(config, definition), definition.place, definition.name)
        if take := _TAKEN.get(lower):
            take(found, facts)
        else:
            name_setting(Found(definition.text, found.place, found.what), facts)


def own_definitions(config: Config, files: Iterable[str]) -> list[Definition]:
    """The settings of these files, in their order; not HTCondor-CE's defaults."""
    wanted = set(files)
    return [each for each in in_order(config) if each.place.file in wanted]


def _expanded(config: Config, definition: Definition) -> str:
    try:
        return config.get(definition.name)
    except TooMuch:
        return definition.text


def _text(target: str) -> Callable[[Found, Facts], None]:
    def take(found: Found, facts: Facts) -> None:
        if words := facts.words(found):
            facts.offer(target, words.strip().strip('"'), found)

    return take


def _host(found: Found, facts: Facts) -> None:
    words = facts.words(found)
    if words and "$" not in words:
        facts.offer("host", words.strip().strip('"').partition(":")[0].lower(), found)
    elif words:
        facts.notes.person(
            found.place, show(found.what, words), "write the CE's public name into front_door: host:"
        )


def _view(found: Found, facts: Facts) -> None:
    for host in _words_of(found):
        facts.offer(
            "collector",
            host if ":" in host else f"{host}:9619",
            found,
            "; as a comment, for the day of the change",
        )


def _words_of(found: Found) -> Iterator[str]:
    yield from (found.text or "").replace(",", " ").split()[:1]


def _number(target: str, spell: Callable[[int], str] = str) -> Callable[[Found, Facts], None]:
    def take(found: Found, facts: Facts) -> None:
        number = read_integer(found.text or "")
        if number is None or not 0 < number <= _MOST:
            facts.notes.person(
                found.place, show(found.what, found.value), "it is no number from 1 to 1000000"
            )
        elif target == "walltime" and facts.kinds:
            message = "pilots of [Pilot] sections say how long they run"
            facts.notes.unneeded(found.place, show(found.what, number), message)
        else:
            facts.offer(target, spell(number), found)

    return take


def _catalog(found: Found, facts: Facts) -> None:
    message = (
        "factories make their entries from it, and this CE makes it from its routes. Give this command "
        "the [Pilot] sections of /etc/osg/config.d, too, or see that routes have the same names, "
        "requests and limits"
    )
    facts.notes.person(found.place, found.what, message)


_TAKEN: Mapping[str, Callable[[Found, Facts], None]] = {
    "osg_resource": _text("resource"),
    "osg_resourcegroup": _text("resource_group"),
    "osg_resourcecatalog": _catalog,
    "network_hostname": _host,
    "full_hostname": _host,
    "collector_host": _host,
    "condor_view_host": _view,
    "condorce_max_jobs": _number("max_jobs"),
    "job_router_default_max_jobs_per_route": _number("pilots"),
    "job_router_default_max_idle_jobs_per_route": _number("idle"),
    "routed_job_max_time": _number("walltime", spell_minutes),
}
