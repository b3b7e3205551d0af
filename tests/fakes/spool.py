"""The spool of a cluster in memory: what a claimed stamp's folder has, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass, field

from bosco.batch.model import JobRecord
from bosco.errors import Failed, Interrupted, Refusal
from bosco.gateway import Evidence


@dataclass(slots=True)
class Folder:
    """A claimed stamp's folder. `answer`: batch id, clear no, or None for no clear answer."""

    answered: bool = False
    answer: str | Failed | None = None
    revoked: bool = False
    record: JobRecord = field(default_factory=JobRecord)
    credentials: dict[str, str] = field(default_factory=dict)
    """Name to SHA-256 of those that may be replaced, as they are now."""
    outputs: dict[str, bytes] = field(default_factory=dict)


def evidence_of(folder: Folder | None) -> Evidence:
    """What is known of a stamp that has this folder."""
    if folder is None:
        return Evidence(False, False, None, None, JobRecord())
    batch_id = folder.answer if isinstance(folder.answer, str) else None
    refused = folder.answer if isinstance(folder.answer, Failed) else None
    return Evidence(True, folder.answered, batch_id, refused, folder.record)


def revoked() -> Failed:
    """The answer for a stamp that nothing may be submitted under."""
    return Failed("this stamp was revoked", refusal=Refusal.TRANSIENT)


def answer_of(folder: Folder) -> str:
    """The batch id; raises what the ledger has instead."""
    if folder.answer is None:
        raise Interrupted("this stamp was claimed before, and its answer is not on record")
    if isinstance(folder.answer, Failed):
        raise folder.answer
    return folder.answer
