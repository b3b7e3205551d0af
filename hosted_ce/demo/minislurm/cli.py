"""Runs one command: imports its module and nothing of the others, since each call is a new process."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from .errors import Refused

COMMANDS = ("sbatch", "squeue", "sacct", "scancel", "sinfo", "scontrol", "controller", "supervisor")
VERSION = "slurm 22.05.8-minislurm"


def main(argv: Sequence[str]) -> int:
    """Runs `argv[0]` with the arguments that follow; returns its exit code."""
    command, arguments = (argv[0], list(argv[1:])) if argv else ("", [])
    if command not in COMMANDS:
        print(f"minislurm: no such command: {command!r}; use one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    if arguments in (["-V"], ["--version"]):
        print(VERSION)
        return 0
    return _run(command, arguments)


def _run(command: str, arguments: list[str]) -> int:
    module = importlib.import_module(f".{command}", __package__)
    try:
        return int(module.main(arguments))
    except Refused as refusal:
        print("\n".join(refusal.lines), file=sys.stderr)
        return refusal.exit_code
