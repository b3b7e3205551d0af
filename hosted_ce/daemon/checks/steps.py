"""What a run of checks does: the login node and the batch system, then worker nodes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from bosco.examined import Examination
from hosted_ce.checks.dependencies import BECAUSE
from hosted_ce.checks.judges.facts import Facts, Strangers
from hosted_ce.checks.judges.judge import login_report, so_far
from hosted_ce.checks.looks import Way
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Run
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.examining import Examiner, KnownHere, stamps_seen
from hosted_ce.daemon.checks.runs import Progress
from hosted_ce.daemon.site_file.in_force import SiteInForce
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.pilots import PilotStore


class NodeChecks(Protocol):
    """Looks at worker nodes by jobs; hosted_ce.daemon.checks.nodes.NodeProbes is the one in use."""

    def of(self, run: Run, ways: Sequence[Way]) -> AsyncGenerator[tuple[Sequence[Result], str], None]:
        """What is known of nodes after each step, by jobs of these routes."""


class CheckSteps:
    """See hosted_ce.daemon.checks.runs.Steps. `nodes` is None where no jobs can be sent."""

    def __init__(
        self, force: SiteInForce, pilots: PilotStore, clusters: ClusterStore, nodes: NodeChecks | None = None
    ):
        self._force, self._pilots, self._clusters, self._nodes = force, pilots, clusters, nodes

    async def of(self, run: Run) -> AsyncGenerator[Progress, None]:
        """What is known after each step. Raises BoscoError."""
        entry, facts = self._force.site.clusters[run.cluster], None
        local = entry.ssh is None
        examiner = Examiner(run.cluster, entry, self._force.table, known_here=self._strangers(run.cluster))
        async with aclosing(examiner.facts()) as steps:
            async for facts in steps:
                yield so_far(facts), doing(facts)
        if facts is None:
            return
        found: Sequence[Result] = ()
        ways = ways_of(login_report(facts, local=local), facts)
        if self._nodes is not None and not run.asked.login_only:
            async with aclosing(self._nodes.of(run, ways)) as looks:
                async for found, words in looks:
                    yield so_far(facts, found), words
        yield login_report(facts, local=local, more=found), "the report"

    def _strangers(self, cluster: str) -> KnownHere:
        async def strangers(known: Examination) -> Strangers:
            folders, jobs = stamps_seen(known)
            ours = set(await self._pilots.whose({*folders, *jobs}))
            mark = (await self._clusters.get(cluster)).spool_mark
            return Strangers(
                tuple(name for name in folders if name not in ours and name != mark),
                tuple(name for name in jobs if name not in ours),
            )

        return strangers


def ways_of(results: Sequence[Result], facts: Facts) -> tuple[Way, ...]:
    """The routes, and by which of them jobs can be sent: nothing that a submission needs failed there."""
    kept_back = {each.where for each in results if each.check == "BS-4" and not _well(each)}
    batch, condition = facts.known.batch, facts.known.condition
    nodes = (condition.nodes if condition else None) or {}
    found = []
    for wants in facts.wanted.routes:
        queue = wants.ask.queue or (batch.default_queue if batch else None)
        own = nodes.get(queue) if queue else None
        can = batch is not None and not {wants.route, None} & kept_back
        found.append(Way(wants.route, can, own.names if own else ()))
    return tuple(found)


def _well(result: Result) -> bool:
    return result.verdict is Verdict.PASS or (
        result.verdict is Verdict.SKIPPED and BECAUSE not in result.data
    )


def doing(facts: Facts) -> str:
    """What an examination is at, when so much is known."""
    known = facts.known
    if known.login is None:
        return "the way to the login node"
    if known.listed is None:
        return "the login node"
    if len(known.rehearsals) < len(facts.wanted.routes):
        return "the batch system and its routes"
    return "worker nodes"
