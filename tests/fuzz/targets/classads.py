"""ClassAd text: of a factory's jobs, of routes, of mapfiles."""

from __future__ import annotations

import contextlib
import json
from random import Random
from typing import Any

from hosted_ce.intake.condor.child import _plain
from hosted_ce.intake.condor.job import StrangeAd, queued_job
from hosted_ce.intake.condor.request import BadRequest, pilot_spec, routing_attributes, wanted_files
from hosted_ce.routing.classad import Ad, EvaluationFailed, ExpressionError
from hosted_ce.routing.compile import check_expression, htcondor_routes, site_route
from hosted_ce.routing.decide import decide
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.lint.mapfile import check_mapfiles
from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import load_router, route_ad
from hosted_ce.routing.htcondor.run import TransformFailed
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.pilot_ad import pilot_ad
from hosted_ce.routing.request import Expr, Request
from hosted_ce.routing.route import Table
from tests.fuzz.target import Target, parts

import classad2  # isort: skip - after htcondor2, which hosted_ce.routing.classad imports

PILOT = {
    "xcount": 8,
    "maxMemory": 16000,
    "queue": "osg",
    "note": "a b",
    "RequestGPUs": 1,
    "WantWholeNode": True,
}
QUEUE = {"ClusterId": 14, "ProcId": 0, "GlobalJobId": "ce#14.0#1", "JobStatus": 1}


def job_ad(data: bytes) -> None:
    """A job's ad, as the schedd's queue gives it: any expressions in it, evaluated there."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    try:
        ad = classad2.parseOne(text)
    except ValueError:
        return
    found: dict[str, Any] = {name: value for name in ad if (value := _plain(ad, name)) is not None}
    json.dumps(found)
    take(found)


def plain_ad(data: bytes) -> None:
    """The same from the process that asks the schedd: any JSON."""
    with contextlib.suppress(ValueError, RecursionError):
        ad = json.loads(data)
        if isinstance(ad, dict):
            take({name: value for name, value in ad.items() if isinstance(value, bool | int | float | str)})


def take(found: dict[str, Any]) -> None:
    with contextlib.suppress(StrangeAd):
        queued_job({**found, **QUEUE})
    attributes = routing_attributes(found)
    with contextlib.suppress(BadRequest):
        wanted = wanted_files(found)
        spec = pilot_spec(found, wanted, dict.fromkeys(wanted.inputs, "0" * 64))
        route = site_route("r", "c", request=Request(cpus=2), when='xcount > 4 && queue == "osg"')
        decide(spec.attributes, Table((route,)), Occupancy.of([]), now=1e9, environment=spec.environment)
    pilot_ad(attributes, "osg01", {})


def expression(data: bytes) -> None:
    """A `when:` and a value of a site file, on a pilot."""
    text = data.decode("utf-8", "surrogateescape")
    problem = check_expression(text)
    try:
        found = whole(text)
    except ExpressionError:
        assert problem
        return
    with contextlib.suppress(EvaluationFailed):
        Ad(PILOT).evaluate(found.tree)
    if problem:
        return
    route = site_route("r", "c", when=text)
    asks = site_route(
        "s", "c", request=Request(cpus=Expr(text), queue=Expr(text)), environment={"X": Expr(text)}
    )
    decide(PILOT, Table((route, asks)), Occupancy.of([]), now=1e9)


def routes(data: bytes) -> None:
    """A configuration with routes of HTCondor-CE: read, checked and run on a pilot."""
    config = read_config([("x.conf", data.decode("utf-8", "surrogateescape"))])
    check_config(config)
    router = load_router(config).router
    if router is None:
        return
    ad = Ad({**PILOT, "ClusterId": 1, "ProcId": 0, "JobUniverse": 5})
    for route in router.routes[:8]:
        with contextlib.suppress(TransformFailed):
            route_ad(router, route, ad, random=Random(7)).ad.texts()
    table = Table(tuple(htcondor_routes(router, lambda name: "c", None, lambda cluster: {})))
    decide(PILOT, table, Occupancy.of([]), now=1e9)


def mapfiles(data: bytes) -> None:
    """Mapfiles, one behind the other."""
    texts = parts(data, 2)
    check_mapfiles([(str(n), text.decode("utf-8", "surrogateescape")) for n, text in enumerate(texts)])


TARGETS = (
    Target("classad-job", "ClassAd text", job_ad),
    Target("classad-plain", "ClassAd text", plain_ad),
    Target("classad-expression", "ClassAd text", expression, largest=4096),
    Target("routes", "route text", routes, largest=8192),
    Target("mapfiles", "mapfiles", mapfiles, largest=4096),
)
