"""qsig: to all processes of jobs that run."""

from __future__ import annotations

import signal
from typing import Any

from machine import client
from machine.state import Place
from pbs import acts, common
from pbs.common import Refused


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Sends a signal, by its name with or without SIG, or by its number."""
    if common.version(flavour, arguments):
        return 0
    given, operands = common.options(arguments, "s", "")
    name = dict(given).get("s", "SIGTERM")
    number = int(name) if name.isdecimal() else signal.Signals["SIG" + name.removeprefix("SIG")].value

    def send(place: Place, job: dict[str, Any]) -> None:
        if job["phase"] != "running" or not job["session"]:
            job_id = common.job_id(place, job["number"])
            raise Refused(acts.NOT_RUNNING, f"qsig: Request invalid for state of job {job_id}\n")
        client.ask(str(place.folder), "signal", number=job["number"], signal=number)

    return acts.each(folder, flavour, "qsig", operands, send)
