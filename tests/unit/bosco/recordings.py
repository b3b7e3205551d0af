"""What a real Slurm 22.05 answered, byte for byte (tests/corpora/slurm-22.05)."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from bosco.batch.model import CommandResult

FOLDER = Path(__file__).parents[2] / "corpora" / "slurm-22.05"
SEPARATOR = b"\x1f"
ACCOUNT = "hce-site"


def names(*beginnings: str) -> list[str]:
    """All recordings of these commands."""
    return sorted(path.stem for path in FOLDER.glob("*.argv") if path.stem.startswith(beginnings))


def argv(name: str) -> list[str]:
    """The command that was recorded."""
    return list(json.loads((FOLDER / f"{name}.argv").read_text()))


def result(name: str) -> CommandResult:
    """Its answer as it came."""
    stdout, stderr = ((FOLDER / f"{name}.{output}").read_bytes() for output in ("stdout", "stderr"))
    return CommandResult(int((FOLDER / f"{name}.rc").read_text()), stdout, stderr)


def stamp_of(job_name: bytes) -> str:
    """A stamp that stands for a recorded job's name."""
    return "h" + base64.b32encode(hashlib.sha256(job_name).digest()).decode().lower()[:14]


def of_ours(name: str) -> CommandResult:
    """Its answer, as if each job had been ours: job names are replaced, nothing else."""
    said = result(name)
    rows = [row.split(SEPARATOR) for row in said.stdout.split(b"\n")]
    renamed = [[row[0], stamp_of(row[1]).encode(), *row[2:]] if len(row) > 1 else row for row in rows]
    return CommandResult(said.exit_code, b"\n".join(map(SEPARATOR.join, renamed)), said.stderr)
