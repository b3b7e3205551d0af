"""bsub: the job is the rest of the words, joined and run by a shell in the current folder."""

from __future__ import annotations

import getpass
import os
import re
from typing import Any

from lsf.common import Refused, options, run
from machine import client

VALUED = {
    "J",
    "o",
    "e",
    "W",
    "n",
    "M",
    "R",
    "wa",
    "wt",
    "gpu",
    "q",
    "P",
    "G",
    "app",
    "sla",
    "cwd",
    "L",
    "env",
}
PLAIN = {"rn", "x", "H", "r", "B", "N"}
QUEUES = {"normal": "default queue <normal>", "short": "queue <short>", "limited": "queue <limited>"}
_UNITS = {"": 1 / 1024, "K": 1 / 1024, "M": 1, "G": 1024}


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Submits; says so in a sentence."""
    return run(lambda: _submit(folder, arguments))


def _submit(folder: str, arguments: list[str]) -> None:
    try:
        given, command = options(arguments, VALUED, PLAIN)
    except Refused as refused:
        raise Refused(f"{refused}. Job not submitted.") from None
    asked = dict(given)
    queue = asked.get("q", "normal")
    jobs = client.ask(folder, "jobs")
    problem = None
    if queue == "closed":
        problem = "closed: Queue has been closed. Job not submitted."
    elif queue not in QUEUES:
        problem = f"{queue}: No such queue. Job not submitted."
    elif queue == "short" and _minutes(asked) > 10:
        problem = "RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted."
    elif queue == "limited" and sum(job["queue"] == queue and job["phase"] != "ended" for job in jobs) >= 2:
        problem = "User's pending job slot limit reached. Job not submitted."
    elif not command:
        problem = "Command is not specified. Job not submitted."
    if problem:
        client.ask(folder, "submit", job=None)
        raise Refused(problem)
    number = client.ask(folder, "submit", job=_job(asked, queue, command))
    print(f"Job <{number}> is submitted to {QUEUES[queue]}.")


def _minutes(asked: dict[str, str]) -> int:
    hours, _, minutes = asked.get("W", "1:00").rpartition(":")
    return int(hours or 0) * 60 + int(minutes)


def _job(asked: dict[str, str], queue: str, command: list[str]) -> dict[str, Any]:
    size = re.match(r"(\d+)([KMG]?)", asked.get("M", "1000000M"))
    assert size
    held = "H" in asked
    return {
        "name": asked.get("J", command[0]), "owner": getpass.getuser(), "queue": queue,
        "phase": "held" if held else "queued", "hold": "u" if held else "", "cpus": int(asked.get("n", "1")),
        "memory_mb": int(int(size[1]) * _UNITS[size[2]]), "gpus": 0, "walltime_s": _minutes(asked) * 60,
        "alone": "x" in asked, "argv": ["/bin/sh", "{script}"], "stdin": "",
        "script": "#!/bin/sh\n" + " ".join(command) + "\n", "folder": os.getcwd(),
        "environment": {**os.environ, "LSB_JOBID": "{number}", "LSB_JOBNAME": asked.get("J", "")},
        "output": asked.get("o"), "words": {"asked": asked},
    }  # fmt: skip
