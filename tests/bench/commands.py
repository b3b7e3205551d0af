"""What pilots cost a site's login node: `python -m tests.bench.commands [slurm sge htcondor]`.

`slurm-limited` and `slurm-arrays`, which run when they are named, are a Slurm whose slurmctld limits the
rate of requests, plainly and with job arrays.

Each batch system is real, behind sshd. The pilots come by REST, each with 20 kB of input that all share and
1 kB of its own, run for some seconds, and are over when their outputs are here. Everything is as a site file
has it by default, the interval of listings, too. CPU time is that of sshd, the agent and the commands, of the
whole life including the connection; the batch system's daemons and the jobs are not in it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.login_node import Campus, Watched, spent, watched
from tests.e2e.ce import Ce
from tests.e2e.condor.campus import CampusOptions, running_campus
from tests.e2e.lab.gridengine import running_gridengine
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import running_lab

PILOTS = int(os.environ.get("BENCH_PILOTS", "500"))
CLIENTS, SLOTS, RUNS_S = 8, 40, 5
PATIENCE_S = 1200.0
COMMON = f"#!/bin/sh\n# {'x' * 20_000}\necho said\nsleep {RUNS_S}\n"
ARGUMENTS = ["-name", "gfactory_instance", *(word for n in range(20) for word in (f"-param_{n}", "y" * 40))]


@dataclass(frozen=True)
class Kind:
    """A campus, and what the site file says of its cluster."""

    campus: Callable[[], Any]
    cluster: Mapping[str, Any]


LIMITED = LabOptions(cpus=SLOTS, rate_limited=True, accounting=False)
DEFAULT = ("slurm", "sge", "htcondor")
KINDS = {
    "slurm": Kind(lambda: running_lab(LabOptions(cpus=SLOTS)), {}),
    "slurm-limited": Kind(lambda: running_lab(LIMITED), {}),
    "slurm-arrays": Kind(lambda: running_lab(LIMITED), {"arrays": {"most": 100}}),
    "sge": Kind(
        lambda: running_gridengine(slots=SLOTS),
        {
            "batch": "sge",
            "batch_options": {"parallel_environment": "smp"},
            # The programs themselves: /usr/bin/qsub of Debian is a script that runs a C preprocessor first.
            "path": ["/usr/lib/gridengine"],
        },
    ),
    "htcondor": Kind(
        lambda: running_campus(CampusOptions(shared_home=False, cpus=SLOTS)), {"batch": "htcondor"}
    ),
}


def main(names: list[str]) -> int:
    """Runs them one after the other; returns the exit code."""
    if strange := set(names) - set(KINDS):
        print(f"there is no {', '.join(sorted(strange))} here, but: {' '.join(KINDS)}", file=sys.stderr)
        return 2
    figures = {name: _measured(KINDS[name]) for name in names or DEFAULT}
    Path("build").mkdir(exist_ok=True)
    Path("build/bench-commands.json").write_text(json.dumps(figures, indent=2) + "\n")
    for name, found in figures.items():
        _print(name, found)
    return 0


def _measured(kind: Kind) -> dict[str, Any]:
    load = os.getloadavg()[0]
    with kind.campus() as campus, _served(campus, kind.cluster) as (ce, node):
        began = time.time()
        cpu = spent(ce.pid)
        in_s = _life(ce)
        taken, ce_cpu, login_cpu = time.time() - began, spent(ce.pid) - cpu, node.cpu_s()
        up, down = node.proxy.passed
        return {
            "pilots": PILOTS,
            "seconds": round(taken, 1),
            "submitted_in_seconds": round(in_s, 1),
            "commands": dict(node.commands().most_common()),
            "login_cpu_ms_per_pilot": round(1000 * login_cpu / PILOTS, 2),
            "ce_cpu_ms_per_pilot": round(1000 * ce_cpu / PILOTS, 2),
            "bytes_up_per_pilot": round(up / PILOTS),
            "bytes_down_per_pilot": round(down / PILOTS),
            "load_before": load,
            "load_after": os.getloadavg()[0],
        }


@contextmanager
def _served(campus: Campus, cluster: Mapping[str, Any]) -> Iterator[tuple[Ce, Watched]]:
    """A CE, warm: its connection is made."""
    with tempfile.TemporaryDirectory() as name, watched(campus, Path(name)) as node:
        own = {"poll": None, "missing_grace": None, "python": str(node.python), **cluster}
        ce = Ce(node, Path(name), **own)
        ce.start()
        try:
            ce.wait_until(lambda: ce.cluster()["state"] == "ready", 60, "there is no contact")
            yield ce, node
        finally:
            ce.kill()


def _life(ce: Ce) -> float:
    """All pilots, until their outputs are here. Returns the seconds until the site had taken the last."""
    began = time.time()

    def one(number: int) -> int:
        own = {"token": bytes(f"{number:1000}", "ascii")}
        return int(ce.submit(COMMON, *ARGUMENTS, files=own)["id"])

    with ThreadPoolExecutor(CLIENTS) as clients:
        ids = list(clients.map(one, range(PILOTS)))
    ce.wait_until(lambda: _over(ce) == PILOTS, PATIENCE_S, "not all pilots are over")
    assert all(ce.output(number) == b"said\n" for number in ids)
    return max(datetime.fromisoformat(pilot["submitted_at"]).timestamp() for pilot in ce.pilots()) - began


def _over(ce: Ce) -> int:
    time.sleep(1)
    counts = ce.client.get("/api/v1/pilots", params={"limit": 1}).raise_for_status().json()["counts"]
    assert not counts["held"], "pilots are held"
    return int(counts["completed"])


def _print(name: str, found: Mapping[str, Any]) -> None:
    commands = ", ".join(f"{number} {command}" for command, number in found["commands"].items())
    print(f"{name}: {found['pilots']} pilots in {found['seconds']} s; {commands}")
    print(f"  the last one was submitted after {found['submitted_in_seconds']} s")
    there, here = found["login_cpu_ms_per_pilot"], found["ce_cpu_ms_per_pilot"]
    print(f"  CPU for each: {there} ms at the login node, {here} ms of the CE")
    print(f"  bytes for each: {found['bytes_up_per_pilot']} there, {found['bytes_down_per_pilot']} back")
    print(f"  load average {found['load_before']:.1f} before, {found['load_after']:.1f} after")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
