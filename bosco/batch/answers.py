"""What all codecs do with the answers of batch commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bosco.batch.model import CommandResult, Listing

SAID_SHOWN = 500


def said(result: CommandResult) -> str:
    """What a command printed, in one line; the end of it, if it is long: commands say last what counts."""
    text = (result.stdout + b"\n" + result.stderr).decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines)[-SAID_SHOWN:] or _silence(result)


def _silence(result: CommandResult) -> str:
    if not result.complete and result.exit_code < 0:
        return "no answer in time; the command was ended (command_timeout)"
    return f"exit code {result.exit_code} and no word why"


def failed(command: str, result: CommandResult) -> Listing:
    """A listing that proves nothing, with what the command said."""
    return Listing((), complete=False, problem=f"{command}: {said(result)}")


def joined(listings: Iterable[Listing]) -> Listing:
    """Several answers as one: complete if all are, with the first problem."""
    parts = tuple(listings)
    return Listing(
        observations=tuple(job for part in parts for job in part.observations),
        complete=all(part.complete for part in parts),
        problem=next((part.problem for part in parts if part.problem), None),
        arrays=frozenset[str]().union(*(part.arrays for part in parts)),
    )


def recorded(record: Mapping[str, Any]) -> CommandResult:
    """What the ledger says of a submit command."""
    stdout, stderr = (record[name].encode("utf-8", "surrogateescape") for name in ("stdout", "stderr"))
    return CommandResult(record["rc"], stdout, stderr, complete=not record["timed_out"])
