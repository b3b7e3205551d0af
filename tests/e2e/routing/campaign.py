"""Many random batches on both sides: `python -m tests.e2e.routing.campaign --batches 10000`.

Prints how many pilots were compared, and the first differences with the seeds that make them.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from tests.e2e.condor.root import installed
from tests.e2e.routing.batches import BATCHES
from tests.e2e.routing.compare import compare
from tests.e2e.routing.oracle import Oracle


def main() -> int:
    """Exit code 1 if anything is different."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=1000, help="of each kind")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=tuple(BATCHES), action="append")
    options = parser.parse_args()
    oracle = Oracle(installed() / "usr/bin/condor_job_router_info")
    bad = 0
    for kind in options.kind or BATCHES:
        bad += run(oracle, kind, options.start, options.batches)
    return 1 if bad else 0


def run(oracle: Oracle, kind: str, start: int, count: int) -> int:
    """Runs batches of one kind, prints what came of them, and gives the number that were different."""
    pilots = routed = bad = 0
    begun = time.monotonic()
    for seed in range(start, start + count):
        batch = BATCHES[kind](Random(seed))
        result = compare(oracle, batch)
        pilots += result.pilots
        routed += result.routed
        if result.differences:
            bad += 1
            if bad <= 3:
                print(f"== {kind}, seed {seed}", *result.differences[:5], batch.config, *batch.ads, sep="\n")
    took = time.monotonic() - begun
    counted = f"{count} batches, {pilots} pilots compared, {routed} routed"
    print(f"{kind}: {counted}, {bad} batches differ, {took:.0f} s")
    return bad


if __name__ == "__main__":
    sys.exit(main())
