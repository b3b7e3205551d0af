"""Compares site files, and what they would do with the pilots that wait. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hosted_ce.api.ports.site_files import Comparison
from hosted_ce.daemon.site_file.in_force import SiteInForce, compiled
from hosted_ce.daemon.site_file.plan import all_differences, chores
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.engine.preview import Preview
from hosted_ce.pilots.states import Stage
from hosted_ce.routing.compile import check_expression
from hosted_ce.routing.prospects import shifts
from hosted_ce.routing.route import Table
from hosted_ce.site import Problem, SiteFile
from hosted_ce.site.source import Source, check_text

PAGE = 100
"""Pilots looked at in one go: the loop has other work, too."""

Obstacles = Callable[[Source, Source], Awaitable[list[Problem]]]


class Comparer:
    """`obstacles` says what keeps the second one from following the first one now.

    `ramped` gives a table the caps that ramps of the site file would have now.
    """

    def __init__(
        self, force: SiteInForce, store: Store, obstacles: Obstacles, now: Clock,
        ramped: Callable[[SiteFile, Table], Table] = lambda site, table: table,
    ):  # fmt: skip
        self._force, self._store, self._obstacles, self._now = force, store, obstacles, now
        self._ramped = ramped

    async def compare(self, old: str | None, new: str) -> Comparison:
        """Compares two texts; without `old` the file in force with `new`. Raises SiteFileError."""
        before = self._force.source if old is None else await self._source(old, "OLD")
        after = await self._source(new, "NEW")
        found = all_differences(before, after)
        was, becomes = await self._preview(before), await self._preview(after)
        problems = await self._obstacles(before, after)
        return Comparison(
            differences=found,
            shifts=shifts(was.prospects, becomes.prospects),
            looked_at=len(becomes.prospects),
            obstacles=tuple(problem.describe(after.path.name) for problem in problems),
            chores=chores(after.site, found),
        )

    async def _preview(self, source: Source) -> Preview:
        table = self._ramped(source.site, compiled(source).table)
        preview = Preview(table, await self._store.occupancy(), self._now())
        after = 0
        while page := await self._store.at_stage({Stage.WAITING}, after=after, limit=PAGE):
            preview.look(pilot for pilot in page if not pilot.goal.ends_attempt)
            after = page[-1].id
            await asyncio.sleep(0)
        return preview

    async def _source(self, text: str, name: str) -> Source:
        folder = self._force.source.folder
        return await asyncio.to_thread(check_text, text, folder / name, check_expression=check_expression)
