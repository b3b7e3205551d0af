"""Entry point: `python -S -E tests/standins/pbs/__main__.py FOLDER openpbs|torque COMMAND ARGUMENTS...`.

Faults (`machine.state.Place.play`): `history` false: none is kept, as of old; `noise` NAME: text on that
command's standard error; `exit` {NAME: code}: nothing but this exit code; `cut` {NAME: bytes}: so much of
standard output, then the end; `lost` [NAME]: it is done, and the command dies before it says so; `mom_down`
true: nothing reaches a running job."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys


def main(argv: list[str]) -> int:
    """Runs one command."""
    folder, flavour, name, *arguments = argv
    state = importlib.import_module("machine.state")
    faults = state.Place(folder).faults
    if name in faults.get("exit", {}):
        return int(faults["exit"][name])
    if name in faults.get("noise", {}):
        sys.stderr.write(faults["noise"][name])
    printed, sys.stdout = sys.stdout, io.StringIO()
    try:
        code = int(importlib.import_module(f"pbs.{name}").main(folder, flavour, arguments))
    finally:
        text, sys.stdout = sys.stdout.getvalue().encode(errors="surrogateescape"), printed
    if name in faults.get("lost", ()) and "--version" not in arguments:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.buffer.write(text[: faults.get("cut", {}).get(name)])
    return code


if __name__ == "__main__":
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main(sys.argv[1:]))
