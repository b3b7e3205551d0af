"""What routes in HTCondor-CE's language say of clusters, and what its rules find in them."""

from __future__ import annotations

from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.place import Place, shown
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import load_router
from hosted_ce.site_import.destination import Destination
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.grid import RouteEnd, ends_of
from hosted_ce.site_import.values import Found

CONVERTED = "converted-routes.conf"
_IMPORTED = f"it was written anew in {CONVERTED}, which counts; take it out here"
_OPTIONS = {
    "nobatchmode": "the site asks for a PIN or a password, which this CE cannot give",
    "pass": "the site asks for a password, which this CE cannot give",
    "nologin": "the account's own shell runs the agent; check that it finds the batch system's commands",
    "script": "no program is started by GridResource here",
}


def take_routers(facts: Facts) -> None:
    """Looks at the configuration that decides about routes, all files as one."""
    if not facts.routers:
        return
    files = [(f"{facts.folder}/{name}", text) for name, text in facts.routers]
    config = read_config([ce_defaults(), *files])
    names = {name for name, _ in files}
    converted = any(name == CONVERTED for name, _ in facts.routers)
    for finding in check_config(config):
        if finding.place.file in names:
            message = _IMPORTED if finding.code == "old-routes" and converted else shown(finding.message, 300)
            facts.notes.person(finding.place, f"route lint: {finding.code}", message)
    router = load_router(config).router
    if router is None or not router.routes:
        message = "HTCondor-CE would route nothing with these files: see `hosted-ce route lint`"
        facts.notes.person(Place(files[0][0], 1), "routes", message)
        return
    _take_ends(ends_of(router), facts)


def _take_ends(ends: list[RouteEnd], facts: Facts) -> None:
    for end in ends:
        for option in end.options:
            facts.notes.person(end.place, f"route {end.route}: --rgahp-{option}", _OPTIONS[option])
        if end.destination is None:
            message = "it names no batch system that is known here; say the route's cluster in the site file"
            facts.notes.person(end.place, f"route {end.route}: {shown(end.text, 100)}", message)
        elif end.destination in facts.destinations:
            facts.destinations[end.destination].append(end.route)
        else:
            facts.destinations[end.destination] = [end.route]
            if len(facts.destinations) == 1:
                _offer(end, end.destination, facts)


def _offer(end: RouteEnd, destination: Destination, facts: Facts) -> None:
    found = Found(end.text, end.place, f"route {end.route}: GridResource")
    if (facts.value("batch"), facts.value("login")) == (destination.batch, destination.host):
        return
    facts.offer("batch", destination.batch, found)
    if destination.host is None:
        message = (
            "the batch system is on the CE's own machine today. This CE goes to a login node over SSH, "
            "which can be the same machine"
        )
        facts.notes.person(end.place, found.what, message)
    elif facts.offer("login", destination.host, found) and destination.port:
        facts.offer("port", str(destination.port), found)
    if destination.account:
        facts.offer("login_account", destination.account, found)
