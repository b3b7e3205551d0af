"""bjobs -a -u USER -o FIELDS -json."""

from __future__ import annotations

import json
import sys
from typing import Any

from lsf.common import REASONS, Refused, date, options, run, wait_code
from machine import client
from machine.state import Place

STATES = {"queued": "PEND", "held": "PSUSP", "running": "RUN"}


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints jobs."""
    return run(lambda: _show(Place(folder), arguments))


def _show(place: Place, arguments: list[str]) -> int:
    given, operands = options(arguments, {"u", "o", "J", "q"}, {"a", "json", "noheader"})
    chosen = dict(given)
    if "json" not in chosen:
        raise Refused("this bjobs knows JSON only")
    jobs = [
        job
        for job in client.ask(str(place.folder), "jobs")
        if job["owner"] == chosen.get("u", job["owner"]) and ("a" in chosen or job["phase"] != "ended")
    ]
    if operands:
        jobs = [job for job in jobs if str(job["number"]) in operands]
    if not jobs:
        sys.stderr.write("No job found\n")
        return 255
    fields = chosen["o"].split()
    host = place.settings["host"]
    records = [{name.upper(): _fields(job, host)[name] for name in fields} for job in jobs]
    print(json.dumps({"COMMAND": "bjobs", "JOBS": len(records), "RECORDS": records}, indent=2))
    return 0


def state(job: dict[str, Any]) -> str:
    """As bjobs calls it."""
    if job["phase"] != "ended":
        return STATES[job["phase"]]
    return "DONE" if wait_code(job) == 0 and not job["cause"] else "EXIT"


def _fields(job: dict[str, Any], host: str) -> dict[str, str]:
    code, used, ran = wait_code(job), job["used"] or {}, job["started"] is not None
    waits = {"queued": "Job slot limit reached;", "held": "The job was suspended by the user while pending;"}
    ended, reason = job["phase"] == "ended", REASONS.get(job["cause"] or "", "")
    limit = f"{date(job['started'] + job['walltime_s'])} L" if ran else "-"
    return {
        "jobid": str(job["number"]), "job_name": job["name"], "stat": state(job),
        "pend_reason": waits.get(job["phase"], ""), "submit_time": date(job["submitted"]),
        "start_time": date(job["started"]) if ran else "-",
        "finish_time": date(job["ended"]) if ended else limit,
        "exec_host": (f"{job['cpus']}*" if job["cpus"] > 1 else "") + host if ran else "-",
        "exit_code": str(code or "") if ended else "", "exit_reason": reason if ended else "",
        "nalloc_slot": str(job["cpus"]) if ran else "-", "runtimelimit": f"{job['walltime_s'] / 60:.1f}",
        "memlimit": f"{job['memory_mb']} Mbytes",
        "cpu_used": f"{used.get('cpu_s', 0):.1f} second(s)" if ran else "-",
        "queue": job.get("queue") or "normal", "proj_name": job.get("account") or "default",
        "max_mem": f"{used['memory_kb'] // 1024} Mbytes" if used else "-",
    }  # fmt: skip
