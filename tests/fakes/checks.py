"""Runs of checks in memory, for those who ask: nothing is looked at here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.checks.run import Asked, Run, RunState


@dataclass
class KnownChecks:
    """Runs as they were put in or begun, the oldest first."""

    now: Callable[[], float]
    clusters: Sequence[str]
    runs: list[Run] = field(default_factory=list)

    async def begin(self, cluster: str, asked: Asked, *, actor: str) -> tuple[Run, bool]:
        if cluster not in self.clusters:
            raise UnknownCluster(cluster, self.clusters)
        for run in self.runs:
            if run.cluster == cluster and run.state is RunState.RUNNING:
                return run, False
        run = Run(
            len(self.runs) + 1,
            cluster,
            RunState.RUNNING,
            asked,
            actor,
            self.now(),
            results=(),
            doing="it begins",
        )
        self.runs.append(run)
        return run, True

    async def get(self, run_id: int) -> Run | None:
        return next((run for run in self.runs if run.id == run_id), None)

    async def latest(self, limit: int, cluster: str | None = None) -> Sequence[Run]:
        found = [run for run in self.runs if cluster in (None, run.cluster)]
        return [replace(run, results=None) for run in found[::-1][:limit]]
