"""What HTCondor-C itself carries from a factory to a CE: the same pilots, with nobody behind the queue."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.bench.versus import plain
from tests.bench.versus.carrier import Carrier
from tests.e2e.condor.factory import Factory
from tests.e2e.lab.process import wait_until


def measure(carrier: Carrier, factories: Sequence[Factory], pilots: int) -> float | None:
    """Pilots a second that are whole in the CE's queue, each factory with its share of them.

    None when all came within one second. The CE's daemon is ended first and stays so: this is the last that
    is asked of a way.
    """
    assert carrier.ce is not None
    carrier.ce.stop()
    senders = [
        replace(carrier.sender, factory=factory).named("Ceiling", queue=plain.PARTITION)
        for factory in factories
    ]
    share, began = max(1, pilots // len(senders)), time.time()
    with ThreadPoolExecutor(len(senders)) as threads:
        jobs = list(threads.map(lambda sender: sender.send(share), senders))
    try:
        times = wait_until(
            lambda: there if len(there := carrier.whole_since(began)) >= share * len(senders) else None,
            f"{share * len(senders)} pilots in the CE's queue",
            120 + pilots / 2,
            every=1,
        )
    finally:
        for factory, sent in zip(factories, jobs, strict=True):
            factory.forget(sent)
    return rate_by_seconds(times)


def rate_by_seconds(times: Sequence[int]) -> float | None:
    """Events a second by times in whole seconds: those after the first second, in the time until the last."""
    first, last = min(times), max(times)
    return sum(at > first for at in times) / (last - first) if last > first else None
