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
    "openpbs": {"select", "place", "walltime", "ncpus", "mem", "nodes", "cput", "pmem", "vmem", "pvmem", "ngpus"},
    "torque": {
        "nodes", "walltime", "ncpus", "mem", "cput", "pmem", "vmem", "pvmem", "select", "naccesspolicy", "qos", "feature",
    },
}  # fmt: skip
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
    number = client.ask(str(place.folder), "submit", job=_job(place, flavour, asked, text, name, arguments))
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
        if letter == "l":
            # A comma parts resources, in a select's chunks and in a list of nodes there is none.
            asked["l"].update(item.partition("=")[::2] for item in value.split(","))
        else:
            asked[letter] = value
    return asked


def _problem(flavour: str, asked: dict[str, Any], jobs: list[dict[str, Any]]) -> Refused | None:
    torque, queue = flavour == "torque", asked.get("q") or ("batch" if flavour == "torque" else "workq")
    if wrong := sorted(asked["l"].keys() - RESOURCES[flavour]):
        said = f"qsub: Unknown resource Resource_List.{wrong[0]}\n"
        torque_said = (
            "qsub: submit error (Unknown resource type  MSG=Undefined resource type Resource_List)\n"
        )
        return Refused(190 if torque else 187, torque_said if torque else said)
    if not _WALLTIME.match(asked["l"].get("walltime", "1")):
        return Refused(
            166 if not torque else 169, "qsub: Illegal attribute or resource value Resource_List.walltime\n"
        )
    if (
        not torque
        and asked["l"].keys() & {"select", "place"}
        and asked["l"].keys() & {"ncpus", "mem", "nodes"}
    ):
        return Refused(5, 'qsub: "-lresource=" cannot be used with "select" or "place", resource is: ncpus\n')
    if queue not in QUEUES:
        said = "qsub: submit error (Unknown queue MSG=requested queue not found)\n"
        return Refused(172, said) if torque else Refused(170, "qsub: Unknown queue\n")
    if queue == "closed":
        said = (
            "qsub: submit error (Queue is not enabled MSG=queue is disabled: user me@torque1, queue closed)\n"
        )
        return Refused(175, said) if torque else Refused(173, "qsub: Queue is not enabled\n")
    if queue == "private":
        said = "qsub: submit error (Unauthorized Request  MSG=user ACL rejected the submitting user: user me, queue private)\n"
        return Refused(159, said if torque else "qsub: Unauthorized Request \n")
    if queue == "short" and walltime(asked) > 600:
        said = "qsub: submit error (Job exceeds queue resource limits MSG=cannot satisfy queue max walltime requirement)\n"
        return (
            Refused(190, said)
            if torque
            else Refused(188, "qsub: Job violates queue and/or server resource limits\n")
        )
    if queue == "limited" and sum(job["queue"] == queue and job["phase"] != "ended" for job in jobs) >= 2:
        said = (
            "qsub: submit error (Maximum number of jobs already in queue for user MSG=total number of current "
            "user's jobs exceeds the queue limit: user me@torque1, queue limited)\n"
        )
        return (
            Refused(228, said)
            if torque
            else Refused(38, "qsub: would exceed queue generic's per-user limit\n")
        )
    return None


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


def _job(
    place: Place, flavour: str, asked: dict[str, Any], text: str, script: str | None, arguments: list[str]
) -> dict[str, Any]:
    cpus, memory_mb, gpus = _numbers(asked)
    torque = flavour == "torque"
    queue = asked.get("q") or ("batch" if torque else "workq")
    name = asked.get("N") or os.path.basename(script or "STDIN")
    home, owner = os.path.expanduser("~"), getpass.getuser()
    server = place.settings["server"]
    own = {
        "HOME": home, "LOGNAME": owner, "USER": owner, "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PBS_ENVIRONMENT": "PBS_BATCH", "PBS_JOBID": f"{{number}}.{server}", "PBS_JOBNAME": name, "PBS_O_WORKDIR": os.getcwd(),
        "PBS_QUEUE": queue,
    }  # fmt: skip
    exported = dict(os.environ) if "V" in asked else {}
    return {
        "name": name, "owner": owner, "queue": queue, "phase": "held" if "h" in asked else "queued",
        "hold": "u" if "h" in asked else "", "cpus": cpus, "memory_mb": memory_mb, "gpus": gpus,
        "walltime_s": walltime(asked), "alone": "n" in asked or "excl" in asked["l"].get("place", ""),
        # A login shell, which gets the script's name on its standard input.
        "argv": [asked.get("S", "/bin/sh")], "stdin": "{script}\n", "script": text,
        "folder": home, "environment": {**exported, **own}, "output": asked.get("o"),
        "words": {
            "asked": asked, "stopped": queue == "stopped", "arguments": " ".join(arguments), "folder": os.getcwd(),
        },
    }  # fmt: skip
