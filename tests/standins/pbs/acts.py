"""What qdel, qsig, qhold and qrls do: something to each job that is named, going on after one that fails."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from machine import client
from machine.state import Place
from pbs import common
from pbs.common import Refused

Act = Callable[[Place, dict[str, Any]], None]

UNKNOWN = {
    ("torque", "qdel"): "qdel: nonexistent job id: {operand}\n",
    ("torque", "qhold"): "", ("torque", "qrls"): "",
    ("torque", "qsig"): "qsig: Unknown Job Id Error {id}\n",
}  # fmt: skip
FINISHED = {
    "openpbs": (35, "{command}: Job has finished {id}\n"),
    "torque": (
        170,
        "{command}: Request invalid for state of job MSG=invalid state for job - COMPLETE {id}\n",
    ),
}
NO_MOM = {"openpbs": 222, "torque": 224}
NOT_RUNNING = 170


def each(folder: str, flavour: str, command: str, operands: list[str], act: Act) -> int:
    """The exit code is the last failure's."""

    def work() -> int:
        place, code = Place(folder), 0
        jobs = {job["number"]: job for job in client.ask(folder, "jobs")}
        if flavour == "openpbs" and not place.faults.get("history", True):
            jobs = {number: job for number, job in jobs.items() if job["phase"] != "ended"}
        for operand in operands:
            try:
                number = common.number_of(place, flavour, command, operand)
                words = {"command": command, "id": common.job_id(place, number), "operand": operand}
                _one(place, flavour, jobs.get(number), act, words)
            except Refused as refused:
                sys.stderr.write(refused.text)
                code = refused.code
        return code

    return common.run(folder, flavour, command, work)


def _one(place: Place, flavour: str, job: dict[str, Any] | None, act: Act, words: dict[str, str]) -> None:
    if job is None:
        text = UNKNOWN.get((flavour, words["command"]), "{command}: Unknown Job Id {id}\n")
        raise Refused(153, text.format(**words))
    if job["phase"] == "ended":
        code, text = FINISHED[flavour]
        raise Refused(code, text.format(**words))
    if job["phase"] == "running" and place.faults.get("mom_down"):
        raise Refused(NO_MOM[flavour], "{command}: Server could not connect to MOM {id}\n".format(**words))
    act(place, job)
