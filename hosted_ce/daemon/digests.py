"""Makes digests: of the last days when somebody asks, and of each full week into the state folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from hosted_ce.api.views import SiteView
from hosted_ce.daemon.checks.digest import Checks, checked
from hosted_ce.daemon.verifying import Runs, Verifier
from hosted_ce.digest.facts import DigestFacts
from hosted_ce.digest.forms import Digest, Form, digest, written
from hosted_ce.engine.ports import Clock
from hosted_ce.store.files import write_whole
from hosted_ce.store.incidents import IncidentStore

log = structlog.get_logger(__name__)
INTERVAL_S = 600.0
WEEK_S = 7 * 86400.0
KEPT = 60
"""Weeks."""


class Digests:
    """`site` is how the site is now, which is in every digest; `folder` has those of full weeks."""

    def __init__(
        self, runs: Runs, verifier: Verifier, incidents: IncidentStore, checks: Checks,
        site: Callable[[], SiteView], *, folder: Path, now: Clock,
    ):  # fmt: skip
        self._runs, self._verifier, self._incidents, self._site = runs, verifier, incidents, site
        self._checks, self._folder, self._now = checks, folder, now

    async def of_last(self, seconds: float) -> Digest:
        """Of so many seconds before now."""
        now = self._now()
        return digest(await self._facts(now - seconds, now))

    async def run(self) -> None:
        """Runs for ever: writes the digest of each week when it is over."""
        while True:
            await self.tick()
            await asyncio.sleep(INTERVAL_S)

    async def tick(self) -> None:
        """Writes that of the last full week, unless it is there, or nothing was going on."""
        if self._site().health is None:
            return  # the CE has just started, and does not know yet what is wrong
        name, monday = week_before(self._now())
        if all((self._folder / f"{name}.{form.value}").exists() for form in Form):
            return
        facts = await self._facts(monday - WEEK_S, monday)
        if facts.runs or facts.incidents:
            await asyncio.to_thread(self._write, name, digest(facts))
            log.info("the digest of a week is written", week=name, folder=str(self._folder))

    async def _facts(self, since: float, until: float) -> DigestFacts:
        site, runs = self._site(), await self._runs.between(since, until)
        incidents = [one for one in await self._incidents.since(since) if one.began_at < until]
        return DigestFacts(
            site.resource, site.name, since, until, runs,
            before=await self._runs.between(since - (until - since), since),
            reports=self._verifier.judged(runs), incidents=incidents, health=site.health,
            activity=site.activity, expiries=site.expiries,
            checked=await checked(self._checks, [one.name for one in site.clusters], since, until),
        )  # fmt: skip

    def _write(self, name: str, of: Digest) -> None:
        for form in Form:
            write_whole(self._folder / f"{name}.{form.value}", written(of, form).encode())
        for form in Form:
            for old in sorted(self._folder.glob(f"*.{form.value}"))[:-KEPT]:
                old.unlink()


def week_before(now: float) -> tuple[str, float]:
    """The last full week of UTC, as `2026-W09`, and when it ended."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    year, week, _ = (monday - timedelta(days=1)).isocalendar()
    return f"{year}-W{week:02}", monday.timestamp()
