"""Which processes belong to a login node: sshd and all that came of it, whoever is its parent now. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.bench.versus.kernel_events import EXEC, FORK, Event

What = Literal["begun", "program", "ended"]


@dataclass(frozen=True)
class Fact:
    """A process began, became a program, or ended with a wait status; `at` as in the event."""

    at: float
    label: str
    what: What
    pid: int
    name: str
    wait_status: int | None = None


class Families:
    """The processes below some roots, by the events of the whole machine."""

    def __init__(self) -> None:
        self._label: dict[int, str] = {}
        self._name: dict[int, str] = {}

    def add(self, root: int, label: str, name: str = "") -> None:
        """Everything that this process, which has that name, begins from now on has the label."""
        self._label[root] = label
        self._name[root] = name

    def take(self, event: Event, name_of: Callable[[int, float], str]) -> Fact | None:
        """What the event says of a family; `name_of` says which program a process had become at a time."""
        label = self._label.get(event.pid)
        if label is None:
            return None
        if event.kind == FORK:
            assert event.child is not None
            self._label[event.child] = label
            self._name[event.child] = self._name.get(event.pid, "")
            return Fact(event.at, label, "begun", event.child, self._name[event.child])
        if event.kind == EXEC:
            self._name[event.pid] = name_of(event.pid, event.at)
            return Fact(event.at, label, "program", event.pid, self._name[event.pid])
        del self._label[event.pid]
        return Fact(event.at, label, "ended", event.pid, self._name.pop(event.pid, ""), event.wait_status)


def accepts(fact: Fact) -> bool:
    """Whether it is an sbatch that ended well: Slurm has the job."""
    return fact.what == "ended" and fact.name == "sbatch" and fact.wait_status == 0
