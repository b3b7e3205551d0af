"""The remote cluster, as Helm's values and osg-configure both describe it."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.routing.htcondor.place import Place
from hosted_ce.site import format_memory
from hosted_ce.site_import.destination import BATCH_SYSTEMS
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.numbers import number_of
from hosted_ce.site_import.secrets import show
from hosted_ce.site_import.times import spell_minutes
from hosted_ce.site_import.values import Found

_HIGHEST_PORT = 65_535


def offer_batch(words: str, found: Found, facts: Facts) -> None:
    """The batch system."""
    system = BATCH_SYSTEMS.get(words.strip().lower())
    if system is None:
        message = (
            f"this batch system is not known; known are {', '.join(sorted(set(BATCH_SYSTEMS.values())))}"
        )
        facts.notes.person(found.place, show(found.what, words), message)
    else:
        facts.offer("batch", system, found)


def offer_login(words: str, found: Found, facts: Facts) -> None:
    """The login node, as `host` or `host:port`."""
    host, colon, port = words.rpartition(":")
    number = number_of(port)
    if colon and ":" not in host:
        if number is None or not 0 < number <= _HIGHEST_PORT:
            facts.notes.person(found.place, show(found.what, words), "there is no port behind the colon")
            number = None
    else:
        host, number = words, None
    if facts.offer("login", host, found) and number is not None:
        facts.offer("port", str(number), found)


def offer_scratch(found: Found, facts: Facts) -> None:
    """The folder on worker nodes. Variables were expanded there; a site file has a folder."""
    if (words := facts.words(found)) is None:
        return
    if "$" in words:
        message = (
            "pilots went to a folder that a variable names, and scratch: is a plain folder. Without it "
            "pilots run in the spool; the factory's entry can have its own work_dir"
        )
        facts.notes.person(found.place, show(found.what, words), message)
    else:
        facts.offer("scratch", words.rstrip("/"), found, "; pilots get it as OSG_WN_TMP")


def offer_squid(found: Found, facts: Facts) -> None:
    """The site's HTTP proxy, as host:port."""
    if words := facts.words(found):
        facts.offer("squid", words.removeprefix("http://").rstrip("/"), found)


def offer_client(found: Found, facts: Facts) -> None:
    """OSG's worker node client: a path in CVMFS goes on; one that the CE installed does not."""
    if (words := facts.words(found)) is None:
        return
    if words.startswith("/"):
        facts.offer("client", words, found)
        return
    message = (
        "this CE installs no worker node client, and sets no OSG_GRID for one. Pilots with tokens need "
        "it for CA certificates at most; if yours do, use one in CVMFS: request: environment: OSG_GRID: "
        "/cvmfs/..."
    )
    facts.notes.person(found.place, show(found.what, words), message)


def offer_cpus(found: Found, facts: Facts) -> None:
    """Cores that factories made their entry from, where there was no [Pilot] section."""
    _offer_number("cpus", found, facts, str)


def offer_memory(found: Found, facts: Facts) -> None:
    """Memory in MB, likewise."""
    _offer_number("memory", found, facts, format_memory)


def offer_walltime(found: Found, facts: Facts) -> None:
    """Walltime in minutes, likewise."""
    _offer_number("walltime", found, facts, spell_minutes)


def _offer_number(target: str, found: Found, facts: Facts, spell: Callable[[int], str]) -> None:
    number = number_of(found.text)
    if not number:
        facts.notes.person(found.place, show(found.what, found.value), "it is no whole number above 0")
    elif facts.kinds:
        message = "the [Pilot] sections say it, and factories go by them"
        facts.notes.unneeded(found.place, show(found.what, number), message)
    else:
        facts.offer(target, spell(number), found)


def nowhere(what: str) -> Found:
    """Something that no source says."""
    return Found("", Place("", 0), what)
