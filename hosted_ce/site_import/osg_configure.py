"""osg-configure's sections: those of a site, and `[Pilot name]`."""

from __future__ import annotations

import re

from hosted_ce.routing.htcondor.place import shown
from hosted_ce.site_import import remote
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.ini import Section, read_sections
from hosted_ce.site_import.pilots import take_pilots
from hosted_ce.site_import.secrets import show, without_secrets
from hosted_ce.site_import.source import Source

_IN_TOPOLOGY = frozenset(
    {"group", "host_name", "sponsor", "contact", "city", "country", "latitude", "longitude", "site_policy",
     "resource_description"}
)  # fmt: skip
_BATCH_SECTIONS = frozenset({"slurm", "pbs", "sge", "lsf", "condor"})


def take_osg_configure(source: Source, facts: Facts) -> None:
    """Takes what the text says. Never fails: what is not understood is among the notes."""
    sections = read_sections(source.name, without_secrets(source.name, source.text, facts.notes), facts.notes)
    for section in sorted(sections, key=lambda section: not _is_pilot(section)):
        kind = section.name.partition(" ")[0].lower()
        match kind:
            case "pilot":
                take_pilots(section, facts)
            case "site" if section.name.lower() == "site information":
                _site(section, facts)
            case "storage":
                _storage(section, facts)
            case "squid":
                _squid(section, facts)
            case "gateway":
                _unneeded(section, facts, "the CE sets the pilot's environment itself")
            case "bosco" if _is_off(section):
                _unneeded(section, facts, "this part is switched off")
            case _ if kind in _BATCH_SECTIONS:
                _batch(kind, section, facts)
            case _:
                _unknown(section, facts)


def _is_pilot(section: Section) -> bool:
    return section.name.partition(" ")[0].lower() == "pilot"


def _site(section: Section, facts: Facts) -> None:
    for name, target in (
        ("resource", "resource"),
        ("resource_group", "resource_group"),
        ("email", "contact"),
    ):
        if (option := section.take(name)) and (words := facts.words(option)):
            facts.offer(target, words, option)
    if (option := section.take("batch_systems")) and (words := facts.words(option)):
        remote.offer_batch(words.split(",")[0], option, facts)
    for option in section.rest():
        if option.what.rpartition(" ")[2] in _IN_TOPOLOGY:
            facts.notes.unneeded(option.place, show(option.what, option.value), "OSG Topology has it")
        else:
            facts.notes.person(option.place, show(option.what, option.value), "this option is not known")


def _storage(section: Section, facts: Facts) -> None:
    if option := section.take("grid_dir"):
        remote.offer_client(option, facts)
    if option := section.take("worker_node_temp"):
        remote.offer_scratch(option, facts)
    for option in section.rest():
        message = "pilots of the OSPool do not use it"
        facts.notes.unneeded(option.place, show(option.what, option.value), message)


def _squid(section: Section, facts: Facts) -> None:
    enabled, location = section.take("enabled"), section.take("location")
    if enabled and enabled.truth is False:
        facts.notes.unneeded(enabled.place, show(enabled.what, enabled.value), "there is no proxy")
    elif location:
        remote.offer_squid(location, facts)
    for option in section.rest():
        facts.notes.person(option.place, show(option.what, option.value), "this option is not known")


def _batch(kind: str, section: Section, facts: Facts) -> None:
    enabled = section.take("enabled")
    if enabled and enabled.truth is False:
        _unneeded(section, facts, "this part is switched off")
        return
    if enabled:
        remote.offer_batch(kind, enabled, facts)
    for option in section.rest():
        message = "the batch system's commands must be found in the PATH of a login at the login node"
        facts.notes.person(option.place, show(option.what, option.value), message)


def _is_off(section: Section) -> bool:
    enabled = section.options.get("enabled")
    return enabled is not None and enabled.truth is False


def _unneeded(section: Section, facts: Facts, why: str) -> None:
    facts.notes.unneeded(section.place, f"[{section.name}]", why)


def _unknown(section: Section, facts: Facts) -> None:
    subcluster = re.match(r"(?:subcluster|resource entry)\b", section.name, re.IGNORECASE)
    if subcluster:
        _subcluster(section, facts)
        return
    facts.notes.person(section.place, f"[{shown(section.name)}]", "this section is not known")
    for option in section.rest():
        facts.notes.person(option.place, show(option.what, option.value), "its section is not known")


def _subcluster(section: Section, facts: Facts) -> None:
    for name, take in (
        ("cores_per_node", remote.offer_cpus),
        ("ram_mb", remote.offer_memory),
        ("max_wall_time", remote.offer_walltime),
    ):
        if option := section.take(name):
            take(option, facts)
    for option in section.rest():
        message = "factories make entries from routes of this site file"
        facts.notes.unneeded(option.place, show(option.what, option.value), message)
