"""HTCondor-CE configuration files: routes are kept as they are, other settings are taken or named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from hosted_ce.routing.htcondor.config import Config, Definition
from hosted_ce.routing.htcondor.convert import convert_entries
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.routers import CONVERTED
from hosted_ce.site_import.secrets import ADVICE, holds_secret
from hosted_ce.site_import.settings import decisive, own_definitions, take_settings
from hosted_ce.site_import.source import Source

_ENTRIES, _DEFAULTS = "job_router_entries", "job_router_defaults"
_OLD = frozenset(
    {_ENTRIES, _DEFAULTS, "job_router_entries_refresh", "job_router_entries_cmd", "job_router_entries_file",
     "job_router_use_deprecated_router_entries"}
)  # fmt: skip


def take_condor(sources: Sequence[Source], facts: Facts) -> None:
    """Takes what the files say, read in this order as one configuration."""
    usable = [source for source in sources if not _refused(source, facts)]
    config = read_config([ce_defaults(), *((source.name, source.text) for source in usable)])
    own = own_definitions(config, [source.name for source in usable])
    routed = decisive(config, own)
    old = _old_entries(config, own, facts)
    for source in usable:
        if _decides(source, own, routed - _OLD if old else routed):
            name = _unused(PurePosixPath(source.name).name, facts)
            facts.routers.append((name, source.text))
            facts.notes.mapped(
                Place(source.name, 1), "routes", f"file {name}, run as it is by the htcondor: route"
            )
    if old:
        _convert(config, old, facts)
    take_settings(config, own, routed | _OLD, facts)


def _refused(source: Source, facts: Facts) -> bool:
    if not holds_secret(source.text):
        return False
    facts.notes.person(Place(source.name, 1), "the file", f"it was not taken over: {ADVICE}")
    return True


def _decides(source: Source, own: Sequence[Definition], routed: frozenset[str]) -> bool:
    """Whether a setting of this file decides about routes, also one that another file replaces."""
    alone = read_config([(source.name, source.text)])
    return any(name in routed for name in alone.macros) or any(
        each.place.file == source.name and each.name.lower() in routed for each in own
    )


def _unused(name: str, facts: Facts) -> str:
    taken = {file for file, _ in facts.routers}
    stem = name if name.endswith(".conf") else f"{name}.conf"
    unique, number = stem, 2
    while unique in taken:
        unique, number = f"{stem.removesuffix('.conf')}-{number}.conf", number + 1
    return unique


def _old_entries(config: Config, own: Sequence[Definition], facts: Facts) -> Definition | None:
    """JOB_ROUTER_ENTRIES where HTCondor-CE goes by it: unless routes are named, or it is told not to."""
    entries = next((each for each in own if each.name.lower() == _ENTRIES and each.text.strip()), None)
    if entries is None:
        return None
    named = next((each for each in own if each.name.lower() == "job_router_route_names"), None)
    if not config.truth("JOB_ROUTER_USE_DEPRECATED_ROUTER_ENTRIES", named is None):
        message = "routes in the new language are there as well, and count; HTCondor 25 does not read this"
        facts.notes.unneeded(entries.place, entries.name, message)
        return None
    if named is not None:
        message = (
            f"{named.name} in {named.place} has routes as well; today these old ones count, and were taken"
        )
        facts.notes.person(entries.place, entries.name, message)
    return entries


def _convert(config: Config, entries: Definition, facts: Facts) -> None:
    conversion = convert_entries(config)
    for finding in conversion.findings:
        facts.notes.person(finding.place, "old route", finding.message)
    if not conversion.text:
        facts.notes.person(entries.place, entries.name, "no route could be made of it")
        return
    name = _unused(CONVERTED, facts)
    facts.routers.append((name, conversion.text))
    facts.notes.mapped(entries.place, entries.name, f"file {name}: written anew in HTCondor's new language")
    if (defaults := config.find(_DEFAULTS)) and defaults.place.file != ce_defaults()[0]:
        facts.notes.mapped(defaults.place, defaults.name, f"file {name}, in each route")
