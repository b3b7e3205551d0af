"""bhist -a -l -UF: what happened to jobs, also to those that bjobs has forgotten."""

from __future__ import annotations

import sys
import time
from typing import Any

from lsf.common import REASONS, options, run, wait_code
from machine import client
from machine.state import Place


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints histories."""
    return run(lambda: _show(Place(folder), arguments))


def _show(place: Place, arguments: list[str]) -> int:
    given, operands = options(arguments, {"u", "n", "J"}, {"a", "l", "UF"})
    chosen = dict(given)
    client.ask(str(place.folder), "jobs")
    jobs = [
        job
        for number, job in sorted(place.history().items())
        if job["name"] == chosen.get("J", job["name"]) and (not operands or str(number) in operands)
    ]
    for operand in operands:
        if operand not in {str(job["number"]) for job in jobs}:
            sys.stderr.write(f"Job <{operand}>: No matching job found\n")
    if not jobs and not operands:
        sys.stderr.write("No matching job found\n")
    for job in jobs:
        print("\n".join(_lines(job, place.settings["host"])))
        print("-" * 78)
    return 0 if jobs else 255


def _lines(job: dict[str, Any], host: str) -> list[str]:
    who = job["owner"]
    lines = [
        f"Job <{job['number']}>, Job Name <{job['name']}>, User <{who}>, Project <default>, "
        "Command </bin/sh job.sh>",
        f"{_at(job['submitted'])}: Submitted from host <{host}>, to Queue <{job['queue']}>, "
        f"CWD <{job['folder']}>;",
    ]
    if job["started"]:
        at, where = _at(job["started"]), f"on Host(s) <{host}>"
        lines.append(f"{at}: Dispatched 1 Task(s) {where}, Allocated 1 Slot(s) {where};")
        lines.append(f"{at}: Starting (Pid 4711);")
    if job["phase"] == "ended":
        at, code = _at(job["ended"]), wait_code(job)
        cpu = f"The CPU time used is {(job['used'] or {}).get('cpu_s', 0):.1f} seconds"
        if job["cause"] == "deleted":
            lines.append(f"{at}: Signal <KILL> requested by user or administrator <{who}>;")
        reason = f"; {REASONS[job['cause']]}" if job["cause"] else ""
        if code == 0 and not job["cause"]:
            lines.append(f"{at}: Done successfully. {cpu};")
        elif code is None:
            lines.append(f"{at}: Exited{reason};")
        elif code > 128:
            lines.append(f"{at}: Exited by signal {code - 128}. {cpu}{reason};")
        else:
            lines.append(f"{at}: Exited with exit code {code}. {cpu}{reason};")
    return lines


def _at(moment: float) -> str:
    return time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(moment))
