"""Jobs that are submitted as one array: what goes to the agent, and what its answer means for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bosco.batch.arrays import ArraySubmission
from bosco.batch.model import BatchRequest
from bosco.errors import BoscoError, Failed, Interrupted, Refusal
from bosco.replies import record_of, told_or_none

Outcome = str | BoscoError
"""A batch id, or what a submission of this stamp alone would have raised."""
Answers = Callable[[Mapping[str, Any] | None], str]
"""The batch id in a ledger's record; raises what a submission does."""


def wanted(request: BatchRequest) -> dict[str, str]:
    """Its input files: name to SHA-256."""
    return {file.name: file.sha256 for file in request.inputs}


def as_header(submission: ArraySubmission) -> dict[str, Any]:
    """What the agent is told, without the command."""
    return {
        "files": [(name, len(content)) for name, content in submission.files.items()],
        "tasks": [
            {
                "stamp": task.request.stamp,
                "inputs": wanted(task.request),
                "credentials": task.request.credentials,
                "files": [(name, len(content)) for name, content in task.files.items()],
                "suffix": task.suffix,
            }
            for task in submission.tasks
        ],
    }


def as_body(submission: ArraySubmission) -> bytes:
    """The files: each task's, then those of the array."""
    own = [content for task in submission.tasks for content in task.files.values()]
    return b"".join([*own, *submission.files.values()])


def outcomes(submission: ArraySubmission, reply: Mapping[str, Any], answer: Answers) -> dict[str, Outcome]:
    """By stamp. If some had been claimed before, of those only: nothing was done about the others."""
    stamps = {task.request.stamp for task in submission.tasks}
    if (claimed := told_or_none(reply, "claimed", dict)) is not None:
        known = {stamp: record_of(claimed[stamp]) for stamp in claimed if stamp in stamps}
        if not known:  # or it would be asked for the same again, for ever
            raise Interrupted("the agent's answer makes no sense: it submitted nothing, and none was claimed")
        return {stamp: _outcome(record, answer) for stamp, record in known.items()}
    record = record_of(reply.get("record"))
    each = {t.request.stamp: record and {**record, "task": t.suffix} for t in submission.tasks}
    return {stamp: _outcome(own, answer) for stamp, own in each.items()}


def said_to_many(no: Failed) -> Failed:
    """What a no to the whole array is for one of its jobs: never one for good."""
    refusal = Refusal.LIMIT if no.refusal is Refusal.PERMANENT else no.refusal
    return Failed(str(no), refusal=refusal, exit_code=no.exit_code, to_many=no.refusal)


def _outcome(record: Mapping[str, Any] | None, answer: Answers) -> Outcome:
    try:
        return answer(record)
    except BoscoError as error:
        return error
