"""What is measured of a way that begins at a factory's schedd."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.bench.versus import ceiling, idle, life, plain, singles
from tests.bench.versus.carrier import Carrier
from tests.bench.versus.findings import OfWay
from tests.bench.versus.record import Record
from tests.e2e.condor.factory import Factory
from tests.e2e.lab.process import wait_until
from tests.e2e.lab.site import Lab

SINGLES = ("door_first", "submit_first", "submit_cold", "end_factory", "rest_first")
LIFE = ("end_api", "sbatch_calls", "listings", "programs", "processes", "login_cpu", "ssh_bytes")
RATES = ("door_rate", "door_rate_three")
THEIR_RATES = (*RATES, "rest_rate", "rest_batch_plain", "rest_batch")
"""Beside each of which the incumbent's rate stands: that of its pilots' life."""
IDLE = ("idle_cpu", "idle_memory")
SETTLES_S = 10.0
FEW = 10
"""Which part of the pilots are a few."""


def measure_ours(record: Record, lab: Lab, carrier: Carrier, factories: Sequence[Factory]) -> None:
    """Everything, in the order in which one phase disturbs the next the least."""
    found, options = record.found, record.options
    measure_singles(record, found.ours, carrier, options.singles, 300)
    found.ours.idle = measure_idle(record, carrier)
    if options.wants(*LIFE):
        few = max(2, options.pilots // FEW)
        _, found.sbatch_cpu_s = plain.loop(lab, max(20, few), 1)
        plain.clear(lab, options.clear_s)
        with record.phase("ours, a few pilots at once"):
            found.ours.small_life = life.measure(
                carrier, few, options.runs_s, 300, quiet_s=options.quiet_s, name="Few"
            )
        measure_life(record, found.ours, carrier, options.pilots)
        found.ours.idle_after = measure_idle(record, carrier)
    if options.wants(*RATES):
        with record.phase("ours, one factory"):
            found.one = rate_of(carrier, factories[:1], options.pilots)
        if len(factories) > 1:
            with record.phase("ours, three factories at once"):
                found.three = rate_of(carrier, factories, options.pilots)
        with record.phase("HTCondor-C alone, one factory"):
            found.ceiling = ceiling.measure(carrier, factories[-1:], options.pilots)
        if len(factories) > 1:
            with record.phase("HTCondor-C alone, three factories at once"):
                found.ceiling_three = ceiling.measure(carrier, factories, options.pilots)


def measure_incumbent(record: Record, carrier: Carrier) -> None:
    """The same, but for what it has not."""
    found, options = record.found.incumbent, record.options
    measure_singles(record, found, carrier, options.incumbent_singles, 300)
    found.idle = measure_idle(record, carrier)
    if options.wants(*LIFE, *THEIR_RATES):
        measure_life(record, found, carrier, min(options.incumbent_pilots, options.pilots))
        found.idle_after = measure_idle(record, carrier)


def measure_singles(record: Record, found: OfWay, carrier: Carrier, count: int, patience_s: float) -> None:
    """The first pilot by itself, then others one after the other."""
    options = record.options
    if not options.wants(*SINGLES):
        return
    with record.phase(f"{carrier.gate.label}, one pilot after the other"):
        if options.cold:
            found.cold = singles.measure(carrier, 1, patience_s, pause_s=options.pause_s, name="Cold")
        found.singles = singles.measure(carrier, count, patience_s, pause_s=options.pause_s)


def measure_life(record: Record, found: OfWay, carrier: Carrier, pilots: int) -> None:
    """Many at once."""
    options = record.options
    with record.phase(f"{carrier.gate.label}, {pilots} pilots at once"):
        patience_s = 300 + 2 * pilots
        found.life = life.measure(carrier, pilots, options.runs_s, patience_s, quiet_s=options.quiet_s)


def measure_idle(record: Record, carrier: Carrier) -> idle.Idle | None:
    """When nothing is to be done; None when nobody wants to know, or it failed."""
    if not record.options.wants(*IDLE):
        return None
    with record.phase(f"{carrier.gate.label}, nothing to do"):
        time.sleep(min(SETTLES_S, record.options.idle_s))
        return idle.measure(carrier.daemons, record.options.idle_s)
    return None


def rate_of(carrier: Carrier, factories: Sequence[Factory], pilots: int) -> float:
    """Submissions a second when all factories send their share at the same time; each is warm."""
    senders = [
        replace(carrier.sender, factory=factory).named("Many", queue=plain.PARTITION) for factory in factories
    ]
    with ThreadPoolExecutor(len(senders)) as threads:

        def send(count: int) -> list[float]:
            began, wanted = time.time(), count * len(senders)
            list(threads.map(lambda sender: sender.send(count), senders))
            return wait_until(
                lambda: times if len(times := carrier.gate.accepted(began)) >= wanted else None,
                f"{wanted} pilots of {len(senders)} factories at the site",
                120 + wanted / 4,
                every=0.5,
            )

        send(1)
        return life.rate(send(max(2, pilots // len(senders))))
