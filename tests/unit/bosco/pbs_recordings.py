"""What real servers of OpenPBS and Torque answered (tests/corpora/openpbs-23.06, tests/corpora/torque-6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recordings import stamp_of

from bosco.batch.model import CommandResult

CORPORA = Path(__file__).parents[2] / "corpora"
OPENPBS, TORQUE = CORPORA / "openpbs-23.06", CORPORA / "torque-6"
_RC = re.compile(rb"\[rc=(-?\d+) [\d.]+s\]\Z")
_NAME = re.compile(rb'(Job_Name(?: = |=|":\s*"))([^|"\n]+)')


def answers(folder: Path) -> Iterator[tuple[str, CommandResult]]:
    """Every recorded command with its answer."""
    for path in sorted(folder.glob("*.txt")):
        command, out, err = None, b"", b""
        for line in path.read_bytes().split(b"\n"):
            if line.startswith(b"$ "):
                command, out, err = line[2:].decode(), b"", b""
            elif line.startswith(b"[out] "):
                out += line[6:] + b"\n"
            elif line.startswith(b"[err] "):
                err += line[6:] + b"\n"
            elif command and (ended := _RC.match(line)):
                yield command, CommandResult(int(ended[1]), out, err)
                command = None


def answer(folder: Path, command: str, nth: int = 0) -> CommandResult:
    """The nth answer to a command, without `timeout N` before it."""
    found = [result for said, result in answers(folder) if re.sub(r"^timeout \d+ ", "", said) == command]
    assert len(found) > nth, f"{command} was recorded {len(found)} times in {folder.name}"
    return found[nth]


def of_ours(result: CommandResult) -> CommandResult:
    """An answer as if each job had been ours: their names are replaced, nothing else."""
    return CommandResult(
        result.exit_code,
        _NAME.sub(lambda found: found[1] + stamp_of(found[2]).encode(), result.stdout),
        result.stderr,
    )


def as_dsv(result: CommandResult) -> CommandResult:
    """A recorded JSON of OpenPBS in the form of `-F dsv`, as both forms of one job were recorded."""
    jobs: dict[str, Any] = json.loads(result.stdout).get("Jobs", {})
    lines = ["|".join([f"Job Id: {job_id}", *_flat(said)]) + "\n" for job_id, said in jobs.items()]
    return CommandResult(result.exit_code, "".join(lines).encode(), result.stderr)


def _flat(said: dict[str, Any]) -> Iterator[str]:
    for name, value in said.items():
        if name == "Variable_List":
            yield f"{name}=" + ",".join(f"{k}={v}" for k, v in value.items())
        elif isinstance(value, dict):
            yield from (f"{name}.{k}={v}" for k, v in value.items())
        else:
            yield f"{name}=" + str(value).replace("|", "\\|")
