"""How long HTCondor-CE's routing takes for one pilot: `python -m tests.bench.routing`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from hosted_ce.routing.classad import Ad
from hosted_ce.routing.compile import htcondor_routes, site_route
from hosted_ce.routing.decide import decide
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.matching import choose
from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.routing.htcondor.router import load_router, route_ad
from hosted_ce.routing.limits import Caps, Limits, Usage
from hosted_ce.routing.model import Decision
from hosted_ce.routing.occupancy import Occupancy, Occupied
from hosted_ce.routing.request import Request
from hosted_ce.routing.route import Table

REPEAT = 200
ROUNDS = 7
ROUTE = """\
JOB_ROUTER_ROUTE_R{number} @=route
  REQUIREMENTS queue == "q{number}"
  TargetUniverse = 9
  GridResource = "batch slurm"
  default_maxMemory = {number}
@route
"""
FACTORY = {
    "ClusterId": 1, "ProcId": 0, "JobUniverse": 5, "Owner": "osg01", "maxMemory": 4000, "xcount": 8,
    "maxWallTime": 4320, "Requirements": True, "Environment": "A=1 B=2", "AuthTokenSubject": "vofrontend",
    "AuthTokenIssuer": "https://scitokens.org/osg-connect",
    **{f"Glidein{number}": f"value {number}" for number in range(60)},
}  # fmt: skip
"""As many attributes as a factory's pilots have."""


def main() -> None:
    """Prints the best of some rounds: other work on the machine only adds to it."""
    for count in (10, 200):
        print(measure(count))
        print(decisions(count))


def measure(count: int) -> str:
    """The figures for so many routes, of which the last one matches."""
    names = " ".join(f"R{number}" for number in range(count))
    routes = "".join(ROUTE.format(number=number) for number in range(count))
    files = [ce_defaults(), ("site", f"JOB_ROUTER_ROUTE_NAMES = {names}\n{routes}")]
    loading = best(lambda: load_router(read_config(files)), repeat=1)
    router = load_router(read_config(files)).router
    assert router
    ad = Ad({**FACTORY, "queue": f"q{count - 1}"})
    choosing = best(lambda: choose(router.routes, router.constraint, ad))
    route = choose(router.routes, router.constraint, ad).route
    assert route
    chain = best(lambda: route_ad(router, route, ad))
    return (
        f"{count} routes, the last one matches: choosing {choosing:.3f} ms, "
        f"HTCondor-CE's chain {chain:.3f} ms; loading {loading:.0f} ms"
    )


def decisions(count: int) -> str:
    """The whole decision for a pilot, with the routes of a site file and with HTCondor-CE's."""
    own = Table(
        tuple(
            site_route(f"r{number}", "main", when=f'queue == "q{number}"', request=Request(memory_mb=1000))
            for number in range(count)
        )
    )
    names = " ".join(f"R{number}" for number in range(count))
    routes = "".join(ROUTE.format(number=number) for number in range(count))
    config = read_config([ce_defaults(), ("site", f"JOB_ROUTER_ROUTE_NAMES = {names}\n{routes}")])
    router = load_router(config).router
    assert router
    theirs = Table(tuple(htcondor_routes(router, lambda name: "main", None, lambda cluster: {})))
    pilot = {**FACTORY, "queue": f"q{count - 1}"}
    full = Occupancy.of([Occupied(f"r{count - 1}", "main", "osg01", Usage(10**6))])
    capped = Table((*own.routes[:-1], replace(own.routes[-1], limits=Limits(Caps(pilots=100)))))

    def decided(table: Table, occupancy: Occupancy) -> Callable[[], Decision]:
        return lambda: decide(pilot, table, occupancy, now=0.0, account="osg01")

    assert decided(own, Occupancy())().route == f"r{count - 1}"
    assert decided(theirs, Occupancy())().route == f"R{count - 1}"
    assert decided(capped, full)().reason.startswith("waits for room")
    once, for_htcondor, waits = (
        best(decided(table, occupancy), repeat=20)
        for table, occupancy in ((own, Occupancy()), (theirs, Occupancy()), (capped, full))
    )
    return (
        f"{count} routes, the whole decision: site file {once:.3f} ms, HTCondor-CE's {for_htcondor:.3f} ms; "
        f"a pilot that waits for a full one {waits:.3f} ms"
    )


def best(work: Callable[[], object], repeat: int = REPEAT) -> float:
    """Milliseconds for one call."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(repeat):
            work()
        times.append((time.perf_counter() - begun) / repeat)
    return min(times) * 1000


if __name__ == "__main__":
    main()
