"""bqueues -l -u USER: the only queue, which is for all."""

from __future__ import annotations

from lsf.common import options, run
from machine import client


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints it."""

    def show() -> None:
        options(arguments, {"u"}, {"l"})
        client.ask(folder, "jobs")
        print("\nQUEUE: normal\n  -- For all.  This is the default queue.\n\nPARAMETERS/STATISTICS")
        print("PRIO NICE STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN SSUSP USUSP  RSV")
        print(" 30   20  Open:Active       -    -    -    -     0     0     0     0     0    0\n")
        print("USERS:  all users\nHOSTS:  all")

    return run(show)
