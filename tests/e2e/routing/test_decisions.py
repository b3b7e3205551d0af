"""A CE with a site's HTCondor-CE routes decides as HTCondor's own router does, for the same pilots."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hosted_ce.routing.asking import DEFAULT_CPUS
from hosted_ce.routing.classad import Ad
from hosted_ce.routing.compile import htcondor_routes
from hosted_ce.routing.decide import decide
from hosted_ce.routing.htcondor.ad_text import read_ad, write_ad
from hosted_ce.routing.htcondor.command import Unreadable, environment_of
from hosted_ce.routing.htcondor.router import Router
from hosted_ce.routing.model import Decision
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.routing.pilot_ad import pilot_ad
from hosted_ce.routing.route import Table
from tests.e2e.routing.batches import DEFAULTS
from tests.e2e.routing.oracle import Oracle
from tests.e2e.routing.ours import CLAIM, load
from tests.e2e.routing.pilots import pilot
from tests.e2e.routing.test_sites import FILES, text_of

PILOTS = 60
OWN = {"Owner", "JobUniverse", "ClusterId", "ProcId", "JobStatus", "Environment"}


def table_of(router: Router) -> Table:
    return Table(tuple(htcondor_routes(router, lambda name: "main", None, lambda cluster: {})))


def taken_in(text: str) -> tuple[dict[str, Any], str, dict[str, str]]:
    """What a front door keeps of a factory's ad: plain attributes, the account, and the environment."""
    ad = read_ad(text)
    values = {name: ad.value(name) for name in ad if name not in OWN}
    attributes = {
        name: value for name, value in values.items() if isinstance(value, bool | int | float | str)
    }
    try:
        environment = environment_of({"Environment": ad.value("Environment")})
    except Unreadable:
        environment = {}
    return attributes, str(ad.value("Owner")), environment


def as_queued(
    attributes: Mapping[str, Any], account: str, environment: Mapping[str, str], number: int
) -> str:
    """The same pilot as HTCondor's router would find it."""
    ad = write_ad(pilot_ad(attributes, account, environment))
    return f"ClusterId = {number}\nProcId = 0\nJobStatus = 1\n{ad}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_decisions_are_htcondors(oracle: Oracle, file: Path) -> None:
    config = f"{DEFAULTS}{text_of(file)}"
    router = load(config)
    assert router
    random, table = Random(1000 + int(file.name[:2])), table_of(router)
    pilots = [taken_in(pilot(random, number + 1)) for number in range(PILOTS)]
    theirs = oracle.judge(config, [as_queued(*one, number + 1) for number, one in enumerate(pilots)]).ads
    compared = 0
    for number, (attributes, account, environment) in enumerate(pilots):
        known = {**attributes, **CLAIM, "ClusterId": number + 1, "ProcId": 0}
        decision = decide(known, table, Occupancy(), now=0.0, account=account, environment=environment)
        ad = theirs.get(f"{number + 1}.0")
        if ad is None:
            assert decision.route is None, decision
            continue
        compared += 1
        routed = Ad()
        for name, text in ad.items():
            routed[name] = read_ad(f"{name} = {text}").get(name)
        assert_same(decision, routed)
    assert compared > PILOTS // 10


def assert_same(decision: Decision, ad: Ad) -> None:
    """The same route, and what it asks for is what the routed ad says; or it says what nobody can ask for."""
    name = ad.value("RouteName")
    if decision.ask is None:
        assert decision.trials[-1].route == name
        assert decision.trials[-1].obstacle
        assert "takes it, but" in decision.trials[-1].obstacle
        return
    assert decision.route == name
    ask = decision.ask
    granularity = ad.value("remote_SMPGranularity")
    by_route = isinstance(granularity, int | float) and granularity > 1
    assert ask.cpus == ceiling(granularity if by_route else ad.value("RequestCpus")) or DEFAULT_CPUS
    assert ask.memory_mb == (ceiling(ad.value("RequestMemory")) or 2000)
    assert ask.walltime_s == (ceiling(ad.value("BatchRuntime")) or 259_200)
    assert ask.queue == (ad.value("BatchQueue") or None)
    assert ask.gpus == (ceiling(ad.value("RequestGPUs")) or 0)
    assert ask.whole_node == bool(ad.value("WholeNodes"))
    assert ask.environment == environment_of({"Environment": ad.value("Environment")})


def ceiling(value: Any) -> int:
    return -int(-value // 1) if isinstance(value, int | float) else 0
