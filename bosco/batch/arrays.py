"""Many jobs that are submitted as one job array, each with a stamp and a folder of its own.

For batch systems whose server counts requests. One command submits all of them or none; after that they are
jobs like any other.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bosco.batch.model import BatchRequest


@dataclass(frozen=True, slots=True)
class Task:
    """One job of an array. `files` are written into its own folder; their names begin with "job."."""

    request: BatchRequest
    files: Mapping[str, bytes]
    suffix: str
    """What makes its batch id of the array's; it begins with "_"."""


@dataclass(frozen=True, slots=True)
class ArraySubmission:
    """`argv` runs in the first task's folder, where `files` are besides."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes]
    tasks: tuple[Task, ...]


def array_of(batch_id: str) -> str | None:
    """The array's id, which a task's begins with; None: this is no task."""
    array, between, _ = batch_id.partition("_")
    return array if between else None


class Arrays(Protocol):
    """What a codec knows of arrays. Pure."""

    def alike(self, request: BatchRequest) -> Hashable | None:
        """Requests for which this is equal may share an array; None: this one goes alone."""

    def submission(self, requests: Sequence[BatchRequest], pilots: str) -> ArraySubmission:
        """How these, which are alike, are submitted; their folders are in `pilots`, by their stamps."""
