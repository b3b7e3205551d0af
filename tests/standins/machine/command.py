"""Runs one command of a stand-in, and plays the faults that all commands can have.

`noise` {NAME: text} on that command's standard error; `exit` {NAME: code}: nothing but this exit code; `cut`
{NAME: bytes}: so much of standard output, then the end;
`lost` [NAME]: it is done, and the command dies before it says so.
"""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys

from machine.state import Place


def main(words: str, argv: list[str]) -> int:
    """`argv`: the folder, the flavour, the command's name and its arguments."""
    folder, flavour, name, *arguments = argv
    faults = Place(folder).faults
    if name in faults.get("exit", {}):
        return int(faults["exit"][name])
    if name in faults.get("noise", {}):
        sys.stderr.write(faults["noise"][name])
    printed, sys.stdout = sys.stdout, io.StringIO()
    try:
        code = int(importlib.import_module(f"{words}.{name}").main(folder, flavour, arguments))
    finally:
        text, sys.stdout = sys.stdout.getvalue().encode(errors="surrogateescape"), printed
    if name in faults.get("lost", ()) and "--version" not in arguments:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.buffer.write(text[: faults.get("cut", {}).get(name)])
    return code
