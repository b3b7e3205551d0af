"""qsub: options from the command line win over those in the script."""

from __future__ import annotations

import getpass
import os
import re
import shlex
import sys
from typing import Any

from machine import client
from machine.state import Place
from pbs import common
from pbs.common import Refused

VALUED, PLAIN = "aACcDdekJlMmNoPpqrStuvWj", {"openpbs": "fhIVzX", "torque": "fhInVzXx"}
QUEUES = {"workq", "batch", "short", "limited", "closed", "stopped", "private"}
RESOURCES = {
    "openpbs": {
        "select", "place", "walltime", "ncpus", "mem", "nodes", "cput", "pmem", "vmem", "pvmem", "ngpus",
    },
    "torque": {
        "nodes", "walltime", "ncpus", "mem", "cput", "pmem", "vmem", "pvmem", "select",
        "naccesspolicy", "qos", "feature",
    },
}  # fmt: skip
LONGEST_SHORT_S, MOST_LIMITED = 600, 2
REFUSALS = {
    "openpbs": {
        "resource": (187, "Unknown resource Resource_List.{resource}"),
        "walltime": (166, "Illegal attribute or resource value Resource_List.walltime"),
        "mixed": (5, '"-lresource=" cannot be used with "select" or "place", resource is: ncpus'),
        "queue": (170, "Unknown queue"),
        "closed": (173, "Queue is not enabled"),
        "private": (159, "Unauthorized Request "),
        "short": (188, "Job violates queue and/or server resource limits"),
        "limited": (38, "would exceed queue generic's per-user limit"),
    },
    "torque": {
        "resource": (190, "submit error (Unknown resource type  MSG=Undefined resource type Resource_List)"),
        "walltime": (169, "Illegal attribute or resource value Resource_List.walltime"),
        "queue": (172, "submit error (Unknown queue MSG=requested queue not found)"),
        "closed": (
            175,
            "submit error (Queue is not enabled MSG=queue is disabled: user me@torque1, queue closed)",
        ),
        "private": (
            159,
            "submit error (Unauthorized Request  MSG=user ACL rejected the submitting user: user me)",
        ),
        "short": (
            190,
            "submit error (Job exceeds queue resource limits MSG=cannot satisfy queue max walltime)",
        ),
        "limited": (228, "submit error (Maximum number of jobs already in queue for user MSG=too many)"),
    },
}
_SIZE = re.compile(r"(\d+)([kmgt]?)b?\Z", re.IGNORECASE)
_WALLTIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+)\Z")


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Submits; prints the id."""
    if common.version(flavour, arguments):
        return 0
    return common.run(folder, flavour, "qsub", lambda: _submit(Place(folder), flavour, arguments))


def _submit(place: Place, flavour: str, arguments: list[str]) -> None:
    try:
        given, operands = common.options(arguments, VALUED, PLAIN[flavour])
    except Refused as refused:
        raise Refused(2, f"qsub: {refused.text}") from None
    name = operands[0] if operands else None
    try:
        with open(name, errors="surrogateescape") if name else sys.stdin as script:
            text = script.read()
    except OSError:
        raise Refused(1, "qsub: script file:: No such file or directory\n") from None
    asked = _asked(flavour, [*_directives(flavour, text), *given])
    if problem := _problem(flavour, asked, client.ask(str(place.folder), "jobs")):
        client.ask(str(place.folder), "submit", job=None)
        raise problem
    asked["arguments"] = " ".join(arguments)
    job = _job(place, flavour, asked, text, name)
    number = client.ask(str(place.folder), "submit", job=job)
    print(common.job_id(place, number))


def _directives(flavour: str, text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    prefix = os.environ.get("PBS_DPREFIX", "#PBS")
    for line in text.split("\n"):
        if line.startswith(prefix + " "):
            words = shlex.split(line[len(prefix) :])
            found += common.options(words, VALUED, PLAIN[flavour])[0]
        elif line.strip() and not line.startswith(("#", ":")):
            break  # the first command
    return found


def _asked(flavour: str, given: list[tuple[str, str]]) -> dict[str, Any]:
    asked: dict[str, Any] = {"l": {}}
    for letter, value in given:
        if letter == "W" and value.startswith("stageout="):
            asked["stageout"] = value.partition("=")[2]
        elif letter == "l":
            # A comma parts resources, in a select's chunks and in a list of nodes there is none.
            asked["l"].update(item.partition("=")[::2] for item in value.split(","))
        else:
            asked[letter] = value
    return asked


def _problem(flavour: str, asked: dict[str, Any], jobs: list[dict[str, Any]]) -> Refused | None:
    """The first reason why not, by its name in REFUSALS."""
    wanted, queue = asked["l"], _queue(flavour, asked)
    there = sum(job["queue"] == queue and job["phase"] != "ended" for job in jobs)
    both = wanted.keys() & {"select", "place"} and wanted.keys() & {"ncpus", "mem", "nodes"}
    reasons = {
        "resource": wanted.keys() - RESOURCES[flavour],
        "walltime": not _WALLTIME.match(wanted.get("walltime", "1")),
        "mixed": flavour == "openpbs" and both,
        "queue": queue not in QUEUES,
        "closed": queue == "closed",
        "private": queue == "private",
        "short": queue == "short" and walltime(asked) > LONGEST_SHORT_S,
        "limited": queue == "limited" and there >= MOST_LIMITED,
    }
    reason = next((name for name, holds in reasons.items() if holds), None)
    if reason is None:
        return None
    code, text = REFUSALS[flavour][reason]
    return Refused(code, "qsub: " + text.format(resource="".join(sorted(reasons["resource"])[:1])) + "\n")


def _queue(flavour: str, asked: dict[str, Any]) -> str:
    return asked.get("q") or ("batch" if flavour == "torque" else "workq")


def walltime(asked: dict[str, Any]) -> int:
    """Seconds; the default is an hour."""
    hours, minutes, seconds = _WALLTIME.match(asked["l"].get("walltime", "01:00:00")).groups()  # type: ignore[union-attr]
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)


def _numbers(asked: dict[str, Any]) -> tuple[int, int, int]:
    """CPUs, memory in MB, GPUs."""
    wanted = asked["l"]
    parts = dict(
        part.partition("=")[::2] for part in wanted.get("select", wanted.get("nodes", "1")).split(":")
    )
    cpus = parts.get("ncpus") or parts.get("ppn") or wanted.get("ncpus") or 1
    size = _SIZE.match(parts.get("mem") or wanted.get("mem") or "1000gb")
    assert size
    unit = {"": 2**-20, "k": 2**-10, "m": 1, "g": 2**10, "t": 2**20}[size[2].lower()]
    return int(cpus), int(int(size[1]) * unit), int(parts.get("ngpus") or parts.get("gpus") or 0)


def _job(place: Place, flavour: str, asked: dict[str, Any], text: str, script: str | None) -> dict[str, Any]:
    cpus, memory_mb, gpus = _numbers(asked)
    queue = _queue(flavour, asked)
    name = asked.get("N") or os.path.basename(script or "STDIN")
    home, owner = os.path.expanduser("~"), getpass.getuser()
    server = place.settings["server"]
    own = {
        "HOME": home, "LOGNAME": owner, "USER": owner, "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PBS_ENVIRONMENT": "PBS_BATCH", "PBS_JOBID": f"{{number}}.{server}", "PBS_JOBNAME": name,
        "PBS_O_WORKDIR": os.getcwd(), "PBS_QUEUE": queue,
    }  # fmt: skip
    exported = dict(os.environ) if "V" in asked else {}
    node_home = place.settings["node_home"]
    if node_home:
        home = own["HOME"] = node_home
    return {
        "name": name, "owner": owner, "queue": queue, "phase": "held" if "h" in asked else "queued",
        "hold": "u" if "h" in asked else "", "cpus": cpus, "memory_mb": memory_mb, "gpus": gpus,
        "walltime_s": walltime(asked), "alone": "n" in asked or "excl" in asked["l"].get("place", ""),
        # A login shell, which gets the script's name on its standard input.
        "argv": [asked.get("S", "/bin/sh")], "stdin": "{script}\n", "script": text,
        "folder": home, "environment": {**exported, **own}, "output": asked.get("o"),
        "stageout": _staged_out(asked.get("stageout")),
        "words": {
            "asked": asked, "stopped": queue == "stopped", "arguments": asked["arguments"],
            "folder": os.getcwd(),
        },
    }  # fmt: skip


def _staged_out(text: str | None) -> tuple[str, ...] | None:
    """The path on the node, the host and the path there."""
    found = re.fullmatch(r"(/[^@]*)@([^:]+):(/.*)", text or "")
    assert found or not text, text
    return found.groups() if found else None
