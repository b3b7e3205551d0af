"""What all of LSF's commands do: their options, times, and the words of a cluster that is away."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from machine import client

FAILED = 255


class Refused(Exception):
    """The command fails with these words."""


def options(
    arguments: list[str], valued: set[str], plain: set[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """LSF's options have one dash and may have several letters. Raises Refused."""
    found, rest = [], list(arguments)
    while rest and rest[0].startswith("-"):
        name = rest.pop(0)[1:]
        if name in valued and rest:
            found.append((name, rest.pop(0)))
        elif name in plain:
            found.append((name, ""))
        else:
            raise Refused(f"-{name}: Illegal option")
    return found, rest


def run(work: Any) -> int:
    """Does the work, with the words of what goes wrong."""
    try:
        return int(work() or 0)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
    except client.Away:
        tries = int(os.environ.get("LSB_NTRIES", "1000"))
        for _ in range(tries):
            sys.stderr.write("LSF is down. Please wait ...\n")
            if tries > 2:
                time.sleep(0.1)
    return FAILED


def date(moment: float) -> str:
    """As bjobs prints it; with the year only if LSB_DISPLAY_YEAR asks for it."""
    year = " %Y" if os.environ.get("LSB_DISPLAY_YEAR", "").upper() == "Y" else ""
    return time.strftime(f"%b %e %H:%M:%S{year}", time.localtime(moment))


def wait_code(job: dict[str, Any]) -> int | None:
    """A shell's exit code of the job; None: it never ran."""
    status = job["wait_status"]
    if status is None:
        return None
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


REASONS = {
    "walltime": "TERM_RUNLIMIT: job killed after reaching LSF run time limit",
    "memory": "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit",
    "deleted": "TERM_OWNER: job killed by owner",
}
