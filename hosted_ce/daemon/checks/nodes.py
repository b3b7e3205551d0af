"""Looks at worker nodes by jobs: sends them, follows them, and has their answers judged."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hosted_ce.api.ports.test_pilots import CannotTest, TestPilots
from hosted_ce.checks.looks import Look, Way, planned
from hosted_ce.checks.node.ends import Came, without_report
from hosted_ce.checks.node.judge import judge
from hosted_ce.checks.node.parse import parse
from hosted_ce.checks.node.promised import Promised
from hosted_ce.checks.node.targets import Targets
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Run
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.node_targets import targets_of
from hosted_ce.engine.ports import Clock
from hosted_ce.engine.removal import removal
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import FINAL, State
from hosted_ce.redaction import redacted
from hosted_ce.routing.aim import Aim
from hosted_ce.site import Cluster as Entry
from hosted_ce.site import SiteFile
from hosted_ce.site.batch import BATCH_SYSTEMS
from hosted_ce.test_pilots.look import look_errand

LOOK_S = 1.0
PATIENCE_S = 900.0
"""A job that has not begun after so long is given up: the queue is full, which is no fault of a node."""
OWNER = "checks"
RAN = "WN-6"


class Pilots(Protocol):
    """Pilots as they are written down; hosted_ce.store.pilots.PilotStore is the one in use."""

    async def get(self, pilot_id: int) -> Pilot | None:
        """One of them."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""


class Outputs(Protocol):
    """What pilots wrote; hosted_ce.store.outputs.OutputStore is the one in use."""

    async def get(self, pilot_id: int, attempt: int, name: str) -> bytes | None:
        """One output; None when it was not fetched."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A job on its way."""

    look: Look
    nonce: str
    pilot: int


class NodeProbes:
    """See hosted_ce.daemon.checks.steps.NodeChecks. `seen` says in which run each node was looked at last."""

    def __init__(
        self, tests: TestPilots, pilots: Pilots, outputs: Outputs, *, site: Callable[[], SiteFile],
        seen: Callable[[str], Awaitable[Mapping[str, float]]], now: Clock,
    ):  # fmt: skip
        self._tests, self._pilots, self._outputs = tests, pilots, outputs
        self._site, self._seen, self._now = site, seen, now

    async def of(self, run: Run, ways: Sequence[Way]) -> AsyncGenerator[tuple[Sequence[Result], str], None]:
        """What is known of nodes after each step, and what is waited for."""
        site = self._site()
        entry, targets = site.clusters[run.cluster], targets_of(site.reach)
        closed = [Result(RAN, Verdict.SKIPPED, "no job was sent", way.route) for way in ways if not way.open]
        looks = planned(run.asked, ways, await self._seen(run.cluster))
        known: dict[int, list[Result]] = {-1: closed}
        going: dict[int, Sent] = {}
        for number, look in enumerate(looks):
            sent = await self._send(run, number, look, entry, targets)
            if isinstance(sent, Sent):
                going[number] = sent
            else:
                known[number] = [sent]
        while going:
            yield _told(known), await self._follow(going, known, entry, targets)
            if going:
                await asyncio.sleep(LOOK_S)
        yield _told(known), f"worker nodes looked at: {len(looks)}"

    async def _send(self, run: Run, number: int, look: Look, entry: Entry, targets: Targets) -> Sent | Result:
        nonce = secrets.token_hex(8)
        aim = Aim(look.route, run.cluster, node=look.node)
        scratch = str(entry.scratch) if entry.scratch else None
        errand = look_errand(nonce, aim, targets, scratch=scratch, patience_s=PATIENCE_S)
        try:
            pilot, _ = await self._tests.submit(errand, owner=OWNER, key=f"run-{run.id}-{number}")
        except CannotTest as error:
            return Result(RAN, Verdict.SKIPPED, f"no job was sent: {error}", look.node or look.route)
        return Sent(look, nonce, pilot.id)

    async def _follow(
        self, going: dict[int, Sent], known: dict[int, list[Result]], entry: Entry, targets: Targets
    ) -> str:
        """Takes what has come back; says what the others wait for."""
        waits = ""
        for number, sent in list(going.items()):
            pilot = await self._pilots.get(sent.pilot)
            if pilot is None or pilot.state in FINAL or pilot.state is State.HELD:
                known[number] = await self._came(sent, pilot, entry, targets)
                del going[number]
            else:
                place = sent.look.node or f"a node of route {sent.look.route}"
                waits = f"; {place}: {pilot.state.value}, {redacted(pilot.reason or 'no reason yet')}"
        return f"worker nodes: jobs not back yet: {len(going)}{waits}" if going else "worker nodes"

    async def _came(self, sent: Sent, pilot: Pilot | None, entry: Entry, targets: Targets) -> list[Result]:
        if pilot is None:
            seen = "its pilot is not there any more"
            return [Result(RAN, Verdict.SKIPPED, seen, sent.look.node or sent.look.route)]
        if pilot.state is State.HELD and (gone := removal(pilot, OWNER, "a check is over", self._now())):
            await self._pilots.apply([gone])
        attempt = pilot.attempt
        output = await self._outputs.get(pilot.id, attempt.number, "stdout") if attempt else None
        report = parse(output or b"", sent.nonce)
        if report is None:
            return [_without_report(pilot, sent.look, entry)]
        node = (attempt.node if attempt else None) or sent.look.node
        return list(judge(report, promised(pilot, entry, targets, self._now()), node))


def promised(pilot: Pilot, entry: Entry, targets: Targets, now: float) -> Promised:
    """What the route asked for this job, and the site file says."""
    attempt = pilot.attempt
    asked: Mapping[str, int] = attempt.request if attempt else {}
    return Promised(
        cpus=asked.get("cpus", 1), memory_mb=asked.get("memory_mb", 0), walltime_s=asked.get("walltime_s", 0),
        gpus=asked.get("gpus", 0), whole_node=bool(asked.get("whole_node")), shared_home=shares_home(entry),
        has_scratch=entry.scratch is not None, between=(pilot.created_at, now), targets=targets,
    )  # fmt: skip


def shares_home(entry: Entry) -> bool:
    """Whether worker nodes are to see the spool, by the site file."""
    if entry.shared_home is not None:
        return entry.shared_home
    option = BATCH_SYSTEMS[entry.batch].home_option
    return option is None or bool(entry.batch_options.get(option))


def _without_report(pilot: Pilot, look: Look, entry: Entry) -> Result:
    """A job that was given up while it waited is no fault of a node: it may be busy."""
    attempt = pilot.attempt
    began = attempt is not None and attempt.started_at is not None
    place = (attempt.node if attempt else None) or look.node or look.route
    if pilot.state is State.REMOVED and not began:
        why = redacted((attempt.site_reason if attempt else None) or pilot.reason or "nobody said why")
        return Result(
            RAN, Verdict.WARN, f"the job did not begin within {PATIENCE_S / 60:.0f} min: {why}", place
        )
    not_started = attempt is not None and attempt.outcome_class is EndClass.NOT_STARTED
    ended = attempt is not None and attempt.ended_at is not None
    said = redacted((attempt.outcome_evidence if attempt else None) or pilot.reason or "nothing was said")
    came = Came(began or not_started, ended, said, not_started)
    return without_report(came, shared_home=shares_home(entry), where=place)


def _told(known: Mapping[int, Sequence[Result]]) -> list[Result]:
    """All of them; where two jobs looked at the same place, what the first said."""
    found: dict[tuple[str, str | None], Result] = {}
    for number in sorted(known):
        for each in known[number]:
            found.setdefault((each.check, each.where), each)
    return list(found.values())
