"""The factory's door, measured: `python -m tests.bench.door`. Real factory, schedd, sshd and Slurm.

The factory polls every two seconds here (TUNED in tests/e2e/condor/config.py): a part of every latency is its
own. Figures: seconds from condor_submit to the start in Slurm, and from the end in Slurm to completed at the
factory; the rate of many at once; what an idle tick costs with many pilots in the queue.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.e2e.condor.factory import start_factory
from tests.e2e.condor.hosted import COMPLETED, Way, running_way
from tests.e2e.condor.lab import running_condor_lab
from tests.e2e.lab import process
from tests.e2e.lab.site import running_lab

SINGLES = int(os.environ.get("BENCH_SINGLES", "6"))
AT_ONCE = int(os.environ.get("BENCH_PILOTS", "200"))
IN_QUEUE = int(os.environ.get("BENCH_QUEUE", "2000"))
WATCHED_S = 60.0
ROUTES = [
    {
        "name": "all",
        "request": {"walltime": "10m", "memory": "10 MB"},
        "limits": {"pilots": 100_000, "idle": 100_000},
    }
]
TIMED = "date +%s.%N; sleep 5; date +%s.%N"


def main() -> int:
    """Runs it all; returns the exit code."""
    with running_lab() as lab, running_condor_lab() as condor_lab:
        factory = start_factory(condor_lab)
        with running_way(lab, condor_lab, factory, "bench.lab.test", routes=ROUTES) as way:
            figures: dict[str, Any] = {"cold": _single(way)}
            figures["singles"] = [_single(way) for _ in range(SINGLES)]
            figures["at_once"] = _many(way)
            figures["idle"] = _idle(way)
    figures["load_average"] = os.getloadavg()
    Path("build").mkdir(exist_ok=True)
    Path("build/bench-door.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    _print(figures)
    return 0


def _single(way: Way) -> dict[str, float]:
    entry = way.entry("Single")
    began = time.time()
    [job] = way.send(TIMED, entry=entry)
    way.wait_job(job, COMPLETED, seconds=120)
    seen = time.time()
    started, ended = (float(text) for text in way.factory.outputs(job, entry)[0].split())
    return {"submit_to_start_s": started - began, "end_to_completed_s": seen - ended}


def _many(way: Way) -> dict[str, float]:
    entry = way.entry("Many")
    began = time.time()
    sent = way.send("sleep 10", entry=entry, count=AT_ONCE)
    over = way.factory.wait_for(sent, COMPLETED, seconds=600)
    done = time.time()
    mine = [p for p in way.ce.pilots() if p["attributes"].get("GlideinEntryName") == "Many"]
    accepted = sorted(_epoch(pilot["submitted_at"]) - began for pilot in mine)
    middle = accepted[len(accepted) // 10 : -len(accepted) // 10]
    return {
        "pilots": len(over),
        "first_sbatch_s": accepted[0],
        "last_sbatch_s": accepted[-1],
        "per_second": len(accepted) / (accepted[-1] - accepted[0]),
        "per_second_middle": len(middle) / (middle[-1] - middle[0]),
        "all_done_s": done - began,
    }


def _idle(way: Way) -> dict[str, float]:
    """What it costs to have so many pilots in the queue of which nothing happens."""
    way.lab.slurm.command("scontrol", "update", "PartitionName=short", "State=DOWN")
    way.send("exit 0", entry=way.entry("Idle", queue="short"), count=IN_QUEUE)
    way.ce.wait_until(lambda: _queued(way) >= IN_QUEUE, 60 + IN_QUEUE / 5, "not all pilots arrived")
    time.sleep(70)  # a comparison of everything is over, and the factory has caught up
    before, cpu = _metrics(way), _cpu(way)
    time.sleep(WATCHED_S)
    after, cpu_after = _metrics(way), _cpu(way)
    spent = {name: (cpu_after[name] - cpu[name]) / WATCHED_S for name in cpu}
    ticks = after["ticks"] - before["ticks"]
    return {
        "pilots": _queued(way),
        "ticks_per_s": ticks / WATCHED_S,
        "ms_per_tick": 1000 * (after["seconds"] - before["seconds"]) / ticks,
        "schedd_calls_per_tick": (after["calls"] - before["calls"]) / ticks,
        **{f"cpu_percent_{name}": 100 * share for name, share in spent.items()},
    }


def _queued(way: Way) -> int:
    found = way.ce.client.get("/api/v1/pilots", params={"limit": 1}).json()["counts"]
    return int(found["idle"])


def _metrics(way: Way) -> dict[str, float]:
    text = way.ce.client.get("/metrics").text
    names = {
        "ticks": "hosted_ce_front_door_tick_seconds_count",
        "seconds": "hosted_ce_front_door_tick_seconds_sum",
        "calls": "hosted_ce_front_door_calls_total",
    }
    return {short: float(_value(text, name)) for short, name in names.items()}


def _value(text: str, name: str) -> str:
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"no metric {name}")
    return found[1]


def _cpu(way: Way) -> dict[str, float]:
    """CPU seconds so far: of the daemon, of its child, of the schedd."""
    daemon = way.ce.pid
    [child] = process.descendants(daemon)
    [schedd] = way.schedd.pids("condor_schedd")
    return {name: _spent(pid) for name, pid in (("daemon", daemon), ("child", child), ("schedd", schedd))}


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _print(figures: dict[str, Any]) -> None:
    for name, words in (
        ("submit_to_start_s", "condor_submit at the factory to start in Slurm"),
        ("end_to_completed_s", "end in Slurm to completed at the factory"),
    ):
        values = [single[name] for single in figures["singles"]]
        print(f"{words}: median {statistics.median(values):.1f} s [{min(values):.1f} .. {max(values):.1f}]")
    many, idle = figures["at_once"], figures["idle"]
    print(f"{many['pilots']} at once: {many['per_second']:.1f}/s, middle {many['per_second_middle']:.1f}/s")
    print(f"idle with {idle['pilots']} pilots: {idle['ms_per_tick']:.1f} ms a tick")
    print(f"  {idle['schedd_calls_per_tick']:.2f} calls a tick, {idle['cpu_percent_daemon']:.1f} % of a core")


if __name__ == "__main__":
    sys.exit(main())
