"""qstat, as far as the codec and a curious administrator use it: -f, -x, -E, -F, -w, -1, ids."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from machine import client
from machine.state import Place
from pbs import attributes, common, site
from pbs.common import Refused

WIDTH = 79


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints jobs."""
    if common.version(flavour, arguments):
        return 0
    away_code = 255 if flavour == "openpbs" else None
    return common.run(
        folder, flavour, "qstat", lambda: _show(Place(folder), flavour, arguments), away_code=away_code
    )


def _show(place: Place, flavour: str, arguments: list[str]) -> int:
    valued, plain = ("FDu", "fxEwtsaBQ") if flavour == "openpbs" else ("uW", "f1xtsanBQ")
    try:
        given, operands = common.options(arguments, valued, plain)
    except Refused as refused:
        raise Refused(2, f"qstat: {refused.text}") from None
    chosen = dict(given)
    form = chosen.get("F", "default").lower()
    if "B" in chosen or "Q" in chosen:
        return site.show(place, flavour, server="B" in chosen)
    faults, history = place.faults, flavour == "torque" or "x" in chosen
    try:
        jobs = client.ask(str(place.folder), "jobs")
    except client.Away:
        _print(place, flavour, form, [])
        raise
    if flavour == "openpbs" and "x" in chosen and not faults.get("history", True):
        _print(place, flavour, form, [])
        for operand in operands or [""]:
            named = (
                common.job_id(place, common.number_of(place, flavour, "qstat", operand)) if operand else ""
            )
            sys.stderr.write(f"qstat: PBS is not configured to maintain job history {named}\n")
        return 0
    shown, code = _chosen(place, flavour, jobs, operands, history=history, express="E" in chosen)
    if "f" in chosen:
        _print(place, flavour, form, shown, folded=not chosen.keys() & {"w", "1"})
    else:
        _table(place, shown)
    return code


def _chosen(
    place: Place,
    flavour: str,
    jobs: list[dict[str, Any]],
    operands: list[str],
    *,
    history: bool,
    express: bool,
) -> tuple[list[dict[str, Any]], int]:
    known = {job["number"]: job for job in jobs}
    if flavour == "openpbs" and not place.faults.get("history", True):
        known = {number: job for number, job in known.items() if job["phase"] != "ended"}
    if not operands:
        return [job for job in known.values() if common.visible(job, history=history, flavour=flavour)], 0
    shown, code, complaint = [], 0, ""
    for operand in sorted(operands) if express else operands:
        try:
            number = common.number_of(place, flavour, "qstat", operand)
        except Refused as refused:
            code = code if express else refused.code
            sys.stderr.write(refused.text)
            continue
        job_id, job = common.job_id(place, number), known.get(number)
        if job is None:
            word = "Unknown Job Id Error" if flavour == "torque" else "Unknown Job Id"
            code, complaint = 153, f"qstat: {word} {job_id}\n"
        elif not common.visible(job, history=history, flavour=flavour):
            text = f"qstat: {job_id} Job has finished, use -x or -H to obtain historical job information\n"
            code, complaint = 35, text
        else:
            shown.append(job)
            continue
        if not express:
            sys.stderr.write(complaint)
    if express and shown:
        return shown, 0
    if express:
        sys.stderr.write(complaint)
    return shown, code


def _print(place: Place, flavour: str, form: str, jobs: list[dict[str, Any]], *, folded: bool = True) -> None:
    pairs = [
        (common.job_id(place, job["number"]), list(attributes.FLAVOURS[flavour](place, job))) for job in jobs
    ]
    if form == "json":
        _json(place, pairs)
    for job_id, said in pairs if form != "json" else ():
        if form == "dsv":
            parts = [f"{name}={_escaped(value)}" for name, value in said]
            print("|".join([f"Job Id: {job_id}", *parts]))
        else:
            print(f"Job Id: {job_id}")
            for name, value in said:
                print(_folded(f"    {name} = ", value) if folded else f"    {name} = {value}")
            print()


def _json(place: Place, pairs: list[tuple[str, list[tuple[str, str]]]]) -> None:
    head: dict[str, Any] = {
        "timestamp": int(time.time()), "pbs_version": "23.06.06", "pbs_server": place.settings["server"],
    }  # fmt: skip
    for job_id, said in pairs:
        job = head.setdefault("Jobs", {}).setdefault(job_id, {})
        for name, value in said:
            family, dot, member = name.partition(".")
            if dot:
                job.setdefault(family, {})[member] = value
            else:
                job[name] = value
    text = json.dumps(head, indent=4)
    # The release 23.06.06 does not escape a backslash; then this is no JSON.
    print(text.replace("\\\\", "\\"))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")


def _folded(head: str, value: str) -> str:
    """A line break and a tab where a line would be too long, at commas if there are any."""
    text, used = head, len(head)
    for place, word in enumerate(value.split(",")):
        text, used = (text + ",", used + 1) if place else (text, used)
        if used + len(word) >= WIDTH and place:
            text, used = text + "\n\t", 8
        for letter in word:
            if used >= WIDTH:
                text, used = text + "\n\t", 8
            text, used = text + letter, used + 1
    return text


def _table(place: Place, jobs: list[dict[str, Any]]) -> None:
    if jobs:
        print("Job id            Name             User              Time Use S Queue")
        print("----------------  ---------------- ----------------  -------- - -----")
    for job in jobs:
        state = "F" if job["phase"] == "ended" else attributes.STATES[job["phase"]]
        job_id = common.job_id(place, job["number"])
        print(f"{job_id:<17} {job['name']:<16} {job['owner']:<16} {0:>9} {state} {job['queue']}")
