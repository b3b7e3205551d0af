"""qselect: -u, -N, -x."""

from __future__ import annotations

import sys

from machine import client
from machine.state import Place
from pbs import common


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints ids."""
    if common.version(flavour, arguments):
        return 0
    return common.run(folder, flavour, "qselect", lambda: _select(Place(folder), flavour, arguments))


def _select(place: Place, flavour: str, arguments: list[str]) -> int:
    given, _ = common.options(arguments, "uNsAPq", "xH" if flavour == "openpbs" else "")
    chosen = dict(given)
    jobs = client.ask(str(place.folder), "jobs")
    history = place.faults.get("history", True)
    if "x" in chosen and not history:
        sys.stderr.write("qselect: PBS is not configured to maintain job history\n")
        return 0
    for job in jobs:
        named = job["name"] == chosen.get("N", job["name"]) and job["owner"] == chosen.get("u", job["owner"])
        if named and common.visible(job, history=history and "x" in chosen, flavour=flavour):
            print(common.job_id(place, job["number"]))
    return 0
