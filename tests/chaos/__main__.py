"""`python -m tests.chaos`: breaks a whole CE in every way that we know, while pilots flow.

Prints a table and writes build/chaos.json. The exit code is 1 when a pilot was lost, duplicated or falsely
finished, or when a batch job of ours is left at the site.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.chaos import report
from tests.chaos.campaign import FAULTS, Result, one_round
from tests.chaos.fault import Fault
from tests.chaos.mounts import own_namespace
from tests.chaos.world import World, new_world
from tests.e2e.lab import requirements


def main(argv: Sequence[str] | None = None) -> int:
    """Runs it; returns the exit code."""
    options = _options(argv)
    if options.list:
        print("\n".join(fault.name for fault in FAULTS))
        return 0
    if unmet := requirements.unmet():
        print(unmet, file=sys.stderr)
        return 2
    chosen = [f for f in FAULTS if not options.faults or any(word in f.name for word in options.faults)]
    if not chosen:
        print("no such fault; --list shows them", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is cleared away all the same
    own_namespace()
    results = _run(chosen, options)
    report.write(options.report, results, options.seed)
    print(report.table(results))
    print(report.details(results), file=sys.stderr)
    return 0 if all(result.good for result in results) else 1


def _run(chosen: Sequence[Fault], options: argparse.Namespace) -> list[Result]:
    results = {fault.name: Result(fault.name) for fault in chosen}
    print(f"{len(chosen)} faults, seed {options.seed}", file=sys.stderr)
    end = time.monotonic() + 60 * options.minutes
    with new_world(options.seed, arrays=options.arrays) as world:
        for number in range(options.rounds):
            for fault in chosen:
                if number and time.monotonic() > end:
                    break
                _play(world, fault, results[fault.name])
                report.write(options.report, list(results.values()), options.seed)
                print(report.table([results[fault.name]]).splitlines()[1], file=sys.stderr, flush=True)
    return list(results.values())


def _play(world: World, fault: Fault, result: Result) -> None:
    try:
        one_round(world, fault, result)
    except Exception as error:  # the other faults have their turn all the same
        result.errors.append(f"{type(error).__name__}: {error}")
        traceback.print_exc()


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="words of the faults' names; default: all")
    parser.add_argument("--list", action="store_true", help="list the faults and do nothing")
    parser.add_argument("--arrays", action="store_true", help="pilots share job arrays")
    parser.add_argument("--rounds", type=int, default=1, help="how often each fault has its turn")
    parser.add_argument(
        "--minutes", type=float, default=120, help="begin no round after the first when it takes longer"
    )
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of the dice"
    )
    parser.add_argument(
        "--report", type=Path, default=report.FILE, help="where the figures are written as JSON"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
