"""Credentials that the factory renews reach the site while their pilots wait or run.

HTCondor-C writes a renewed credential into the job's folder in the spool. Files are looked at by their times
and read only when those have changed; the pilot's request then says which content the site has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog

from bosco.errors import BoscoError
from hosted_ce.intake.condor.known import Jobs, Known
from hosted_ce.intake.condor.sandbox import InputsMissing, read_input
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import Goal, Stage

log = structlog.get_logger(__name__)
INTERVAL_S = 60.0
LARGEST = 1024 * 1024
SETTLED = frozenset({Stage.WAITING, Stage.QUEUED, Stage.RUNNING})
"""In between, a submission with the old content may be on its way: the next look is soon enough."""

FileTimes = Mapping[str, tuple[int, int]]


class Store(Protocol):
    """Pilots as they are written down."""

    async def get(self, pilot_id: int) -> Pilot | None:
        """One pilot."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Writes changes; returns those that were not outdated."""


class Contents(Protocol):
    """Where input files are kept."""

    async def put(self, data: bytes) -> str:
        """Keeps `data`; returns its SHA-256."""

    async def get(self, sha256: str) -> bytes:
        """The content."""


class Site(Protocol):
    """An account at a cluster."""

    async def refresh(
        self, stamp: str, files: Mapping[str, str], contents: Callable[[str], Awaitable[bytes]]
    ) -> bool:
        """Gives a job new contents; False when the site does not have it."""


@dataclass(slots=True)
class Refresher:
    """Looks at the credentials of all jobs of the door. `sites` are the clusters by name."""

    jobs: Jobs
    store: Store
    contents: Contents
    sites: Mapping[str, Site]
    interval: float = INTERVAL_S

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(self.interval)

    async def tick(self) -> None:
        """Looks once at every pilot that waits or runs."""
        for known in self.jobs:
            if known.credentials and known.job.folder and _may_change(known.pilot):
                times = await asyncio.to_thread(_times, known.job.folder, known.credentials)
                if times != known.seen and await self._renewed(known):
                    known.seen = times

    async def _renewed(self, known: Known) -> bool:
        """Whether the credentials were dealt with, so that they need no look until they change again."""
        assert known.job.folder is not None  # noqa: S101 - looked at by the caller
        try:
            sums = {name: await self._kept(known.job.folder, name) for name in known.credentials}
            new = {name: sha256 for name, sha256 in sums.items() if known.credentials[name] != sha256}
            return not new or await self._bring(known, new)
        except (InputsMissing, OSError, BoscoError, ContentUnusable) as error:
            log.warning("credentials cannot be renewed now", pilot=known.pilot.id, problem=str(error))
            return False

    async def _kept(self, folder: Path, name: str) -> str:
        return await self.contents.put(await asyncio.to_thread(read_input, folder, name, LARGEST))

    async def _bring(self, known: Known, new: Mapping[str, str]) -> bool:
        pilot = await self.store.get(known.pilot.id)
        if pilot is None or pilot.stage not in SETTLED:
            return False
        if pilot.stage is not Stage.WAITING and not await self._at_site(pilot, new):
            return False
        event = Event("credentials_renewed", "factory", data={"files": sorted(new)})
        applied = await self.store.apply([Change(pilot, {"spec": _with(pilot.spec, new)}, event=event)])
        if applied:
            known.credentials.update(new)
            log.info("credentials were renewed", pilot=pilot.id, files=sorted(new))
        return bool(applied)

    async def _at_site(self, pilot: Pilot, new: Mapping[str, str]) -> bool:
        attempt = pilot.attempt
        site = self.sites.get(attempt.cluster) if attempt else None
        if attempt is None or site is None:
            return False
        return await site.refresh(attempt.stamp, new, self.contents.get)


def _may_change(pilot: Pilot) -> bool:
    return pilot.stage in SETTLED and pilot.goal is Goal.RUN


def _times(folder: Path, names: Collection[str]) -> FileTimes:
    found = {}
    for name in names:
        try:
            facts = (folder / name).stat()
        except FileNotFoundError:
            continue  # in the middle of being replaced, or lost: what was seen before stays
        found[name] = (facts.st_mtime_ns, facts.st_size)
    return found


def _with(spec: Mapping[str, Any], new: Mapping[str, str]) -> dict[str, Any]:
    inputs = [{**file, "sha256": new.get(file["name"], file["sha256"])} for file in spec["inputs"]]
    return {**spec, "inputs": inputs}
