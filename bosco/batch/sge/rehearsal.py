"""Grid Engine's `qsub -w v`: says whether an empty cluster could run a job, and submits none. Pure."""

from __future__ import annotations

from bosco.batch.answers import said
from bosco.batch.condition import Rehearsal
from bosco.batch.model import BatchRequest, CommandResult
from bosco.batch.protocol import BatchSystem, Command, Dialogue
from bosco.batch.sge.errors import refusal_of
from bosco.errors import Refusal

_FOUND = b"verification: found"
_NOT_FOUND = (b"verification: no suitable queues", b"no suitable queues")


def rehearsal(batch: BatchSystem, request: BatchRequest) -> Dialogue[Rehearsal]:
    """One qsub, with a command in place of the script."""
    program, *options, _ = batch.submission(request, "/").argv
    return _rehearsed((yield Command((program, "-w", "v", *options, "-b", "y", "/bin/true"))))


def _rehearsed(result: CommandResult) -> Rehearsal:
    output = result.stdout + b"\n" + result.stderr
    if not result.complete:
        return Rehearsal(None, "qsub -w v was ended before it answered")
    if _FOUND in output:
        return Rehearsal(taken=True, said=said(result))
    refused = refusal_of(result.exit_code, output) is Refusal.PERMANENT
    no = refused or any(text in output for text in _NOT_FOUND)
    return Rehearsal(False if no else None, said(result))
