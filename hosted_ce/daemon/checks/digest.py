"""What the checks of the site said, for digests and for outages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hosted_ce.checks.catalogue import kind_of
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Known, Run, RunState, Worse
from hosted_ce.checks.verdict import Verdict
from hosted_ce.digest.facts import Checked
from hosted_ce.engine.ports import Clock

RUNS = 50
"""Of a cluster: more than there are in a month by schedule."""
SQUID = "NET-2"
AGAIN_S = 60.0
EVERY_RUN = 2**31 - 1  # as large as an id can be on PostgreSQL


class Checks(Protocol):
    """Runs of checks; hosted_ce.store.checks.CheckStore is the one in use."""

    async def latest(self, limit: int, cluster: str | None = None) -> list[Run]:
        """The newest ones, without their results."""

    async def get(self, run_id: int) -> Run | None:
        """One with its results."""

    async def known(self, cluster: str, before: int) -> Known:
        """What was last known of each check and place in runs before this one."""


async def checked(checks: Checks, clusters: Sequence[str], since: float, until: float) -> list[Checked]:
    """The last run at each cluster before `until`, and what became worse in those of the span."""
    found = []
    for cluster in clusters:
        runs = await checks.latest(RUNS, cluster)
        done = [run for run in runs if run.state is RunState.DONE and run.begun_at < until]
        last = await checks.get(done[0].id) if done else None
        if last is None:
            continue
        worse = [one for run in reversed(done) if run.begun_at >= since for one in run.worse]
        failed = [_failed(one) for one in last.results or () if one.verdict is Verdict.FAIL]
        found.append(Checked(cluster, last.begun_at, last.counts, tuple(map(_worse, worse)), tuple(failed)))
    return found


def _worse(one: Worse) -> str:
    return f"{_named(one.check, one.where)} was {one.before.value} and became {one.after.value}: {one.seen}"


def _failed(one: Result) -> str:
    return f"{_named(one.check, one.where)}: {one.seen}. What to do: {kind_of(one.check).todo}"


def _named(check: str, where: str | None) -> str:
    return f"{check} {kind_of(check).title}" + (f" ({where})" if where else "")


class Squids:
    """Whether the web proxy of a site is known not to fetch, by the checks of its worker nodes."""

    def __init__(self, checks: Checks, now: Clock):
        self._checks, self._now = checks, now
        self._known: dict[str, tuple[float, str | None]] = {}

    async def dead(self, cluster: str) -> str | None:
        """On which nodes it was seen so; None: it fetches on one of them at least, or nothing is known."""
        at, said = self._known.get(cluster, (float("-inf"), None))
        if self._now() - at < AGAIN_S:
            return said
        known = await self._checks.known(cluster, EVERY_RUN)
        found = {place or cluster: verdict for (check, place), verdict in known.items() if check == SQUID}
        all_fail = found and set(found.values()) == {Verdict.FAIL}
        said = f"check {SQUID} failed on {', '.join(sorted(found))}" if all_fail else None
        self._known[cluster] = (self._now(), said)
        return said
