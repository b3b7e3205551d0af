"""What a scrape costs a CE that has so many pilots: `python -m tests.bench.exposition [PILOTS]`.

Twenty routes on three clusters; every pilot was routed, submitted, ran and ended, and so many are still open.
"""

from __future__ import annotations

import dataclasses
import sys
import time

from prometheus_client import generate_latest

from hosted_ce.metric_groups.pending import AGES, Pending
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Attempt, Change, Event, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.limits import Caps, Usage
from hosted_ce.supervisor import Health

ROUTES = [f"route-{number}" for number in range(20)]
CLUSTERS = ["a", "b", "c"]
SCRAPES = 50
OUTCOMES = ("ok", "Unreachable", "Interrupted", "Failed")
OPERATIONS = ("submit", "list", "accounting", "evidence", "cancel", "output", "remove")


def filled(pilots: int) -> Metrics:
    """The metrics of a CE that has seen and has so many pilots."""
    health = {f"task {number}": Health(f"task {number}") for number in range(25)}
    metrics = Metrics(lambda: health, lambda: 1000.0)
    for number in range(pilots):
        route = ROUTES[number % len(ROUTES)]
        tried = Attempt(number, number, 1, f"h{number}", route, CLUSTERS[number % 3], {}, 100.0)
        pilot = Pilot(
            number, 1, State.IDLE, Stage.WAITING, Goal.RUN, None, {}, "condor", "f", number % 900, 0.0
        )
        pilot = dataclasses.replace(pilot, attempt=tried)
        what = list(EndClass)[number % len(EndClass)].value
        events = [Event(name, "e") for name in ("routed", "submitted", "running")]
        ended = Event("completed", "e", None, {"class": what})
        metrics.changes([Change(pilot, event=event) for event in (*events, ended)])
    for cluster in CLUSTERS:
        for operation in OPERATIONS:
            for outcome in OUTCOMES:
                metrics.operation(cluster)(operation, 0.1, outcome)
        metrics.circuit(cluster, "ready")
        metrics.site(cluster, in_contact=True, listed_at=900.0)
        metrics.site(cluster, in_contact=True, listed_at=930.0)
    metrics.counts(dict.fromkeys(State, pilots))
    states = ("idle", "running", "held", "unknown")
    metrics.pilots.open({(route, state): pilots for route in ROUTES for state in states}, {})
    used = (Caps(500, 50, 400, 4000), Usage(pilots, 3, 90))
    metrics.pilots.limits(dict.fromkeys(ROUTES, used), dict.fromkeys(CLUSTERS, used))
    metrics.pilots.nodes(dict.fromkeys(CLUSTERS, (1, 2)))
    metrics.pending.set({route: Pending([pilots] * (len(AGES) + 1), 9.0) for route in ROUTES})
    metrics.door.taken(1.0)
    metrics.door.told(1.0)
    for operation in ("read", "write"):
        metrics.database.observe(operation, 0.01)
    return metrics


def cost(metrics: Metrics) -> float:
    """Seconds of CPU of one scrape."""
    began = time.process_time()
    for _ in range(SCRAPES):
        generate_latest(metrics.registry)
    return (time.process_time() - began) / SCRAPES


def main(arguments: list[str]) -> None:
    """Prints the figures."""
    most = int(arguments[0]) if arguments else 10_000
    for pilots in (100, most, 5 * most):
        metrics = filled(pilots)
        lines = len(generate_latest(metrics.registry).splitlines())
        print(f"{pilots:>6} pilots: {1000 * cost(metrics):.1f} ms of CPU a scrape, {lines} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
