"""A run of checks over one cluster, and what became worse in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict, worst


class RunState(StrEnum):
    """How a run is doing."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    """It did not get to its end: the CE was stopped, or the connection was lost."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be looked at besides the login node and its batch system."""

    login_only: bool = False
    nodes: tuple[str, ...] = ()
    """These worker nodes."""
    sample: int = 0
    """So many nodes for each route, those that were not looked at for the longest; 0: any one for each."""

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """From what `written` gave."""
        return cls(bool(written["login_only"]), tuple(written["nodes"]), int(written["sample"]))

    def written(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"login_only": self.login_only, "nodes": list(self.nodes), "sample": self.sample}


@dataclass(frozen=True, slots=True)
class Worse:
    """A check that says something worse of a place than it did when it was last known."""

    check: str
    where: str | None
    before: Verdict
    after: Verdict
    seen: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Times in seconds since the epoch. `results` is None where only the run was asked for."""

    id: int
    cluster: str
    state: RunState
    asked: Asked
    actor: str
    begun_at: float
    ended_at: float | None = None
    problem: str | None = None
    """Why it did not get to its end."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many results there are of each verdict."""
    results: tuple[Result, ...] | None = None
    worse: tuple[Worse, ...] = ()
    doing: str | None = None
    """What it is at, while it runs."""

    @property
    def verdict(self) -> Verdict:
        """The worst of its results."""
        return worst(Verdict(word) for word, number in self.counts.items() if number)


Known = Mapping[tuple[str, str | None], Verdict]
"""By check and place: the last verdict that was no SKIPPED."""


def worsened(before: Known, now: Sequence[Result]) -> tuple[Worse, ...]:
    """What is worse than it was. What was never known before is news, and no worsening."""
    return tuple(
        Worse(each.check, each.where, last, each.verdict, each.seen)
        for each in now
        if (last := before.get((each.check, each.where))) and each.verdict.badness > last.badness
    )


def counted(results: Sequence[Result]) -> dict[str, int]:
    """How many there are of each verdict."""
    return {verdict.value: sum(each.verdict is verdict for each in results) for verdict in Verdict}
