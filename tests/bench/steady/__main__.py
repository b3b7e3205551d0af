"""A whole CE with thousands of pilots, for as long as you like: `python -m tests.bench.steady --help`.

`hosted-ce serve` as users run it, over real sshd and agent; the Slurm behind it is on paper, since nobody's
machine has thousands of jobs to spare. Half of the pilots run; some end and come all the time; Prometheus
scrapes, and a person has the overview open. What is measured: docs/developers/performance.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from tests.bench.steady.run import Found, Plan, plain, run
from tests.bench.steady.summary import HEAD, row
from tests.e2e.lab import requirements

NEEDED = ("sshd", "ssh-keygen", "useradd", "bash")


def main(argv: Sequence[str]) -> int:
    """Runs one number of pilots after the other; 0 when all could be measured, whatever the figures are."""
    options = _options(argv)
    if unmet := requirements.unmet(NEEDED):
        print(unmet, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    runs: list[dict[str, Any]] = []
    try:
        for pilots in options.pilots:
            plan = Plan(pilots, options.minutes, options.churn, options.every, options.rest, options.poll)
            run(plan, _tell, partial(write, options.output, tuple(runs)))
            runs = json.loads(options.output.read_text())
    except KeyboardInterrupt:
        _tell("ended before its end; what was found until then is written")
        return 130
    print("\n".join([*HEAD, *(row(each) for each in runs)]))
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    usual = Plan(0, 0)
    parser = argparse.ArgumentParser(prog="python -m tests.bench.steady", description=__doc__.splitlines()[0])
    parser.add_argument("--pilots", type=int, nargs="+", default=[1000, 10_000], help="%(default)s")
    parser.add_argument(
        "--minutes", type=float, default=60, help="for each, after it was filled (%(default)s)"
    )
    parser.add_argument(
        "--churn", type=float, default=usual.churn, help="pilots that end in a minute (%(default)s)"
    )
    parser.add_argument(
        "--every", type=float, default=usual.every_s, help="seconds between looks (%(default)s)"
    )
    parser.add_argument(
        "--rest", type=float, default=usual.rest_s, help="seconds before the first (%(default)s)"
    )
    parser.add_argument("--poll", help="how often the CE lists; what a site file has by default without it")
    parser.add_argument("--output", type=Path, default=Path("build/bench-steady.json"), help="%(default)s")
    return parser.parse_args(argv)


def write(output: Path, before: Sequence[dict[str, Any]], found: Found) -> None:
    """What is known so far, whole or not at all."""
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = output.with_suffix(".new")
    draft.write_text(json.dumps([*before, plain(found)]) + "\n")
    draft.replace(output)
    last = found.looks[-1]
    figures = f"{last.cpu_s:.1f} s of CPU, {last.pss_mb:.1f} MB, load {last.load:.1f}"
    _tell(f"{found.plan.pilots} pilots: {figures}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _interrupt(number: int, _: FrameType | None) -> None:
    """As Ctrl-C: the site is cleared on the way out."""
    raise KeyboardInterrupt(signal.Signals(number).name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
