"""Submissions through the CE against a plain loop of sbatch, on one real Slurm in one run.

The jobs go to a partition that is down, so that they queue and never start: running them would take the
same two cores. Each kind of run is repeated in turn; medians are what to quote.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.e2e.ce import Ce
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab

PILOTS = int(os.environ.get("BENCH_PILOTS", "200"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SINGLES = 9
CLIENTS = 8
PARTITION = "short"
PLAIN = """#!/bin/sh
#SBATCH --partition=short --mem=10M --time=5 --output=/dev/null
exit 0
"""
PILOT = "#!/bin/sh\nexit 0\n"
SHAPE = {"queue": PARTITION, "maxMemory": 10, "maxWallTime": 5}


def main() -> int:
    """Runs it all; returns the exit code."""
    with running_lab(LabOptions()) as lab, tempfile.TemporaryDirectory() as folder:
        lab.slurm.command("scontrol", "update", f"PartitionName={PARTITION}", "State=DOWN")
        ce = Ce(lab, Path(folder), submit_window=16)
        ce.start()
        try:
            figures = _measure(lab, ce)
        finally:
            ce.kill()
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(figures, indent=2) + "\n")
    _print(figures)
    return 0


def _measure(lab: Lab, ce: Ce) -> dict[str, Any]:
    cold = _single(ce, "cold")
    singles = [_single(ce, f"warm-{number}") for number in range(SINGLES)]
    kinds: dict[str, Callable[[int], float]] = {
        "sbatch one after the other": lambda _: _plain(lab, 1),
        f"sbatch {CLIENTS} at a time": lambda _: _plain(lab, CLIENTS),
        "through the CE": lambda number: _through(ce, number),
    }
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(ROUNDS):
        for name, run in kinds.items():
            rates[name].append(run(number))
            _clear(lab)
    return {
        "pilots": PILOTS,
        "first_pilot_s": cold,
        "post_to_submitted_s": singles,
        "submissions_per_s": rates,
        "share_of_parallel_sbatch": [
            ours / plain
            for ours, plain in zip(rates["through the CE"], rates[f"sbatch {CLIENTS} at a time"], strict=True)
        ],
        "load_average": os.getloadavg(),
    }


def _single(ce: Ce, key: str) -> float:
    """Seconds from the POST to the CE's knowledge that sbatch took the job."""
    began = time.time()
    pilot = ce.submit(PILOT, key=key, attributes=SHAPE)
    while not (shown := ce.show(pilot["id"]))["batch_id"]:
        time.sleep(0.005)
    return next(e["at_epoch"] for e in _events(shown) if e["what"] == "submitted") - began


def _through(ce: Ce, number: int) -> float:
    """Submissions a second, from the first POST until the last sbatch has answered."""
    began = time.time()
    with ThreadPoolExecutor(CLIENTS) as clients:
        keys = [f"rate-{number}-{pilot}" for pilot in range(PILOTS)]
        pilots = list(clients.map(lambda key: ce.submit(PILOT, key=key, attributes=SHAPE), keys))
    ids = {pilot["id"] for pilot in pilots}
    while True:
        mine = [pilot for pilot in ce.pilots() if pilot["id"] in ids]
        if all(pilot["batch_id"] for pilot in mine):
            break
        time.sleep(0.2)
    return PILOTS / (max(_epoch(pilot["submitted_at"]) for pilot in mine) - began)


def _plain(lab: Lab, at_a_time: int) -> float:
    script = lab.home / "plain.sh"
    script.write_text(PLAIN)
    began = time.time()
    loop = f"seq {PILOTS} | xargs -P {at_a_time} -I{{}} sbatch --parsable {script} >/dev/null"
    answer = lab.run_as_account(["sh", "-c", loop], timeout=300)
    if answer.returncode:
        raise RuntimeError(answer.stderr.decode())
    return PILOTS / (time.time() - began)


def _clear(lab: Lab) -> None:
    """Empties the queue between runs, as the site's administrator would."""
    lab.slurm.command("scancel", f"--user={lab.account}")
    time.sleep(3)


def _events(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**event, "at_epoch": _epoch(event["at"])} for event in shown["history"]]


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _print(figures: dict[str, Any]) -> None:
    singles = figures["post_to_submitted_s"]
    print(f"first pilot of a new CE, POST to sbatch done: {figures['first_pilot_s'] * 1000:.0f} ms")
    print(
        f"one pilot, POST to sbatch done: median {statistics.median(singles) * 1000:.0f} ms "
        f"[{min(singles) * 1000:.0f} .. {max(singles) * 1000:.0f}]"
    )
    print(f"submissions a second, {PILOTS} pilots, {ROUNDS} rounds:")
    for name, rates in figures["submissions_per_s"].items():
        print(f"  {name:<28} median {statistics.median(rates):6.1f}  [{min(rates):.1f} .. {max(rates):.1f}]")
    shares = figures["share_of_parallel_sbatch"]
    print(f"share of the parallel loop: median {statistics.median(shares):.0%}")


if __name__ == "__main__":
    sys.exit(main())
