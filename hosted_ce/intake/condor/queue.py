"""The schedd's queue, as the door uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from hosted_ce.intake.condor.edits import Call, Edit, grouped
from hosted_ce.intake.condor.process import ChildProcess

QUERY_TIMEOUT_S = 20.0
EDIT_TIMEOUT_S = 30.0
EDITS_AT_ONCE = 500
"""Calls in one request to the child, so that a deadline is for a bounded amount of work."""

Ad = Mapping[str, Any]


class Queue(Protocol):
    """Every method raises QueueUnavailable: then nobody knows what was done."""

    async def select(self, constraint: str, attributes: Sequence[str] = (), *, limit: int = -1) -> list[Ad]:
        """Attributes of the jobs that the constraint selects; of all attributes when none is named."""

    async def edit(self, edits: Iterable[Edit]) -> int:
        """Makes the edits, in their order; returns how many calls of the schedd it took."""

    async def set_all(self, constraint: str, attribute: str, value: str) -> int:
        """Sets an attribute of all jobs that the constraint selects at that moment; how many those were."""

    async def remove(self, constraint: str) -> None:
        """Removes the jobs that the constraint selects at that moment."""


class Calls(Protocol):
    """Where the operations of hosted_ce.intake.condor.child are carried out; ChildProcess in daily life."""

    async def call(self, operation: str, timeout: float, **arguments: Any) -> Any:
        """What the operation returns. Raises QueueUnavailable."""

    async def close(self) -> None:
        """Ends it."""


def child_of(config: Path) -> ChildProcess:
    """Talks to the schedd that this HTCondor configuration file names."""
    return ChildProcess({"CONDOR_CONFIG": str(config)})


class CondorQueue:
    """A real schedd."""

    def __init__(self, child: Calls):
        self._child = child
        self.calls = 0
        """Calls of the schedd so far."""

    async def select(self, constraint: str, attributes: Sequence[str] = (), *, limit: int = -1) -> list[Ad]:
        """See Queue."""
        self.calls += 1
        found: list[Ad] = await self._child.call(
            "query", QUERY_TIMEOUT_S, constraint=constraint, attributes=list(attributes), limit=limit
        )
        return found

    async def edit(self, edits: Iterable[Edit]) -> int:
        """See Queue."""
        calls = grouped(edits)
        for at in range(0, len(calls), EDITS_AT_ONCE):
            await self._edit([_as_arguments(call) for call in calls[at : at + EDITS_AT_ONCE]])
        return len(calls)

    async def set_all(self, constraint: str, attribute: str, value: str) -> int:
        """See Queue."""
        call = {"jobs": [], "constraint": constraint, "attribute": attribute, "value": value}
        return await self._edit([call])

    async def remove(self, constraint: str) -> None:
        """See Queue."""
        self.calls += 1
        await self._child.call("remove", EDIT_TIMEOUT_S, constraint=constraint)

    async def close(self) -> None:
        """Ends the child process."""
        await self._child.close()

    async def _edit(self, calls: list[dict[str, Any]]) -> int:
        self.calls += len(calls)
        changed: int = await self._child.call("edit", EDIT_TIMEOUT_S, calls=calls)
        return changed


def _as_arguments(call: Call) -> dict[str, Any]:
    """A list of ids costs the same however long the queue is; a constraint looks at all of it."""
    return {
        "jobs": list(call.jobs),
        "constraint": call.constraint if call.guard else None,
        "attribute": call.attribute,
        "value": call.value,
    }
