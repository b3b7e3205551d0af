"""The chart's HTCondorCeConfig: HTCondor-CE configuration that an operator put behind the chart's own."""

from __future__ import annotations

from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.site_import.destination import UNKNOWN_LOGIN
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.notes import Notes
from hosted_ce.site_import.secrets import ADVICE, holds_secret
from hosted_ce.site_import.settings import are_flat, decisive, own_definitions, take_settings
from hosted_ce.site_import.source import Source
from hosted_ce.site_import.values import Found

CHART, OPERATOR = "10-hosted-ce.conf", "90-instance.conf"

_ROUTE = """\
# What the chart osg-hosted-ce gives every CE: one route, whose place comes from a transform before it.
# Its transform Token is left out: this CE makes no tokens with which pilots advertise to it.
JOB_ROUTER_ROUTE_NAMES = Hosted_CE_default_route
JOB_ROUTER_ROUTE_Hosted_CE_default_route @=jrt
    UNIVERSE grid
    GridResource = "batch {batch}"
@jrt
JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = $(JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES) GridResource
JOB_ROUTER_TRANSFORM_GridResource @=jrt
    hosted_grid_resource = batch {batch} $(MY.Owner)@{login}
    SET GridResource "$(hosted_grid_resource)"
@jrt
"""


def take_condor_config(found: Found, source: Source, facts: Facts) -> None:
    """Takes the text: as limits and requests where that is all, else as routes that are run as they are."""
    if holds_secret(source.text):
        facts.notes.person(found.place, found.what, f"it was not taken over: {ADVICE}")
        return
    chart = (CHART, chart_text(facts))
    config = read_config([ce_defaults(), chart, (source.name, source.text)])
    own = own_definitions(config, [source.name])
    routed = decisive(config, own)
    if routed and not are_flat(routed):
        facts.routers += [chart, (OPERATOR, _unpadded(source.text))]
        _tell_routes(found, facts.notes)
    elif found.what:
        facts.notes.mapped(found.place, found.what, "its settings, each by itself")
    take_settings(config, own, routed, facts)


def chart_text(facts: Facts) -> str:
    """The chart's own route, with what is known of the cluster."""
    batch = facts.value("batch") or "slurm"
    login, port = facts.value("login") or UNKNOWN_LOGIN, facts.value("port")
    place = f"{login}:{port}" if port else login
    return _ROUTE.format(batch="condor" if batch == "htcondor" else batch, login=place)


def _unpadded(padded: str) -> str:
    text = padded.lstrip("\n")
    return text if text.endswith("\n") else f"{text}\n"


def _tell_routes(found: Found, notes: Notes) -> None:
    message = f"files {CHART} and {OPERATOR}, run as they are by the htcondor: route"
    notes.mapped(found.place, found.what, message)
