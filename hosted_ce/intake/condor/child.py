"""The process that talks to the schedd (a program: `python -m hosted_ce.intake.condor.child`).

HTCondor's library holds the interpreter for as long as a call takes, which is minutes for a schedd that
hangs: so it has a process of its own, which is killed when it takes too long. It finds the schedd by
CONDOR_CONFIG.

Standard input: requests, standard output: answers; each is 4 bytes of length, then JSON. Its argument is the
checksum of the program that the parent means to talk to; a parent that gives none is of an older version.
"""

from __future__ import annotations

import binascii
import json
import os
import re
import struct
import sys
from collections.abc import Callable
from typing import Any

import htcondor2  # isort: skip - before classad2: it switches the library to HTCondor's semantics
import classad2  # isort: skip

REFUSED = re.compile(r"Unable to commit transaction: ?\S")
"""What follows is the schedd's reason. Without one, and with all other errors, it may not have answered."""
NO_MATCH = "matching constraint"
NOT_THERE = "nonexistent job"


def _schedd() -> Any:
    return htcondor2.Schedd()


def query(constraint: str, attributes: list[str], limit: int) -> list[dict[str, Any]]:
    """The jobs' attributes, those that have a plain value; of all attributes when none is named."""
    ads = _schedd().query(constraint, attributes, limit=limit)
    return [{name: value for name in ad if (value := _plain(ad, name)) is not None} for ad in ads]


def edit(calls: list[dict[str, Any]]) -> int:
    """Sets attributes, call by call; returns how many jobs were changed. One that is gone is no error."""
    schedd = _schedd()
    return sum(_edit(schedd, **call) for call in calls)


def remove(constraint: str) -> int:
    """Removes the jobs that the constraint selects; returns how many."""
    return int(_schedd().act(htcondor2.JobAction.Remove, constraint).get("TotalSuccess", 0))


def about() -> dict[str, str]:
    """The schedd's name, address and version, as it says itself."""
    found = htcondor2.Collector().locate(htcondor2.DaemonType.Schedd)
    return {name: str(found.get(name, "")) for name in ("Name", "MyAddress", "CondorVersion")}


def _edit(schedd: Any, jobs: list[str], constraint: str | None, attribute: str, value: str) -> int:
    try:
        return int(schedd.edit(constraint or jobs, attribute, value))
    except htcondor2.HTCondorException as error:
        if NO_MATCH in str(error):
            return 0
        if NOT_THERE not in str(error) or constraint:
            raise
    if len(jobs) == 1:
        return 0
    # All or nothing is how the schedd takes a list: one that is gone must not keep the others.
    return sum(_edit(schedd, [job], None, attribute, value) for job in jobs)


def _plain(ad: Any, name: str) -> bool | int | float | str | None:
    try:
        value = ad[name]
        if isinstance(value, classad2.ExprTree):
            value = ad.eval(name)
    except UnicodeDecodeError:  # no text: somebody else's bytes must not keep all the others from us
        return None
    plain = isinstance(value, bool | int | float | str) and not isinstance(value, classad2.Value)
    return value if plain else None


OPERATIONS: dict[str, Callable[..., Any]] = {"query": query, "edit": edit, "remove": remove, "about": about}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the operation returned (`ok`), why the schedd refused it (`refused`), or another `error`."""
    try:
        return {"ok": OPERATIONS[request["operation"]](**request["arguments"])}
    except Exception as error:  # whatever it is, the parent must hear of it
        kind = "refused" if REFUSED.match(str(error)) else "error"
        return {kind: f"{type(error).__name__}: {error}"}


def another(request: dict[str, Any]) -> dict[str, Any]:
    """The parent, which is older than this file, may mean something else by its requests."""
    return {"error": "the CE was upgraded on disk since it started: restart it (systemctl restart hosted-ce)"}


def checksum() -> str:
    """Of this program, as it is on disk now."""
    with open(__file__, "rb") as program:
        return str(binascii.crc32(program.read()))


def main(meant: str | None = None) -> None:
    """Answers until standard input ends. Another program than the one that is `meant` does nothing."""
    found = answer if checksum() == meant else another
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints must not get between the answers
    while head := source.read(4):
        request = json.loads(source.read(*struct.unpack("!I", head)))
        data = json.dumps(found(request)).encode("ascii")
        sink.write(struct.pack("!I", len(data)) + data)
        sink.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
