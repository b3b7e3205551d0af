"""Keeps the site in force in step with its file: on change, on SIGHUP, and when the API is asked to.

All three go the same way, one after the other: read, lint, compile, compare, and then swap all or nothing.
What cannot be put in force is told, and what was in force stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from hosted_ce.api.ports.site_files import Comparison, Reloaded, ReloadOutcome, ReloadRefused
from hosted_ce.audit.log import Auditor
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.daemon.site_file.compare import Comparer
from hosted_ce.daemon.site_file.in_force import SiteInForce, compiled
from hosted_ce.daemon.site_file.plan import all_differences, plan
from hosted_ce.daemon.site_file.switch import Switch
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.ports import Clock
from hosted_ce.metrics import Metrics
from hosted_ce.routing.compile import check_expression
from hosted_ce.site import Problem, SiteFileError
from hosted_ce.site.change_words import in_words
from hosted_ce.site.source import Source, marks_of, read_source

log = structlog.get_logger(__name__)
LOOK_S = 2.0
"""Between two looks at the files. What two of them in a row show alike is taken for written to its end."""
AGAIN_S = 60.0
"""A file that is well, and could not be followed at the time, is tried again after this long."""


class Reloads:
    """The only one who changes the site in force. See hosted_ce.api.ports.site_files.SiteFiles."""

    def __init__(
        self,
        force: SiteInForce,
        switch: Switch,
        comparer: Comparer,
        *,
        metrics: Metrics,
        now: Clock,
        hint: Hint,
        audit: Auditor,
    ):
        self._force, self._switch, self._comparer = force, switch, comparer
        self._metrics, self._now, self._hint, self._audit = metrics, now, hint, audit
        self._waiting: list[asyncio.Future[Reloaded]] = []
        self._candidate = force.site
        self._tried: Mapping[str, str] = force.source.marks
        self._looked: Mapping[str, str] = self._tried
        self._again_at: float | None = None
        metrics.site_file.loaded(force.source.sha256, force.loaded_at)

    async def reload(self) -> Reloaded:
        """Puts in force what the file says now. Raises ReloadRefused."""
        answer: asyncio.Future[Reloaded] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._hint.wake()
        return await answer

    async def compare(self, old: str | None, new: str) -> Comparison:
        """Compares two texts; without `old` the file in force with `new`. Raises SiteFileError."""
        return await self._comparer.compare(old, new)

    async def run(self) -> None:
        """Runs for ever. A wake of the hint is a request to reload that nobody waits for."""
        asked = False
        while True:
            await self.tick(asked=asked)
            asked = await self._hint.wait(LOOK_S)

    async def tick(self, *, asked: bool = False) -> None:
        """Looks once at the files, and reloads if they have changed for good, or somebody asks."""
        waiting, self._waiting = self._waiting, []
        try:
            if await self._look() or asked or waiting:
                reloaded = await self._reload("api" if waiting else "signal" if asked else "file")
                _answer(waiting, reloaded)
        except ReloadRefused as error:
            _fail(waiting, error)
        finally:
            _fail(waiting, RuntimeError("the reload was interrupted; its log says why"))

    async def _look(self) -> bool:
        """Whether there is something new, that was the same the last time."""
        path = self._force.source.path
        marks = await asyncio.to_thread(marks_of, path, self._force.site, self._candidate)
        settled, self._looked = marks == self._looked, marks
        changed = any(self._tried.get(file, mark) != mark for file, mark in marks.items())
        due = self._again_at is not None and self._now() >= self._again_at
        return settled and (changed or due)

    async def _reload(self, asked_by: str) -> Reloaded:
        """Raises ReloadRefused, after it was told."""
        self._tried, self._again_at = self._looked, None
        try:
            reloaded = await self._put_in_force()
        except ReloadRefused as error:
            self._tell(error, asked_by)
            raise
        except SiteFileError as error:
            refused = ReloadRefused(error.file, error.problems)
            self._tell(refused, asked_by)
            raise refused from error
        except Exception as error:
            log.exception("the site file cannot be put in force, by a mistake of this CE")
            refused = _mistake(self._force.source, error)
            self._tell(refused, asked_by)
            raise refused from error
        self._force.failure = None
        if reloaded.outcome is ReloadOutcome.LOADED:
            self._note(Outcome.ALLOWED, asked_by, None, reloaded.sha256)
        self._metrics.site_file.reloaded(reloaded.outcome.value, failed=False)
        return reloaded

    async def _put_in_force(self) -> Reloaded:
        source = await self._read()
        found = all_differences(self._force.source, source)
        if not found:
            self._force.same(source)
            self._metrics.site_file.loaded(source.sha256, self._force.loaded_at)
            return Reloaded(ReloadOutcome.UNCHANGED, source.sha256)
        intended = plan(self._force.site, source.site, found)
        try:
            await self._switch.to(compiled(source), intended, found)
        except ReloadRefused:
            self._again_at = self._now() + AGAIN_S
            raise
        self._metrics.site_file.loaded(source.sha256, self._force.loaded_at)
        log.info(
            "another site file is in force",
            sha256=source.sha256,
            changes=[in_words(each) for each in found],
            to_do=list(self._force.chores),
            warnings=[problem.describe(source.path) for problem in source.warnings],
        )
        return Reloaded(ReloadOutcome.LOADED, source.sha256, found, self._force.chores)

    async def _read(self) -> Source:
        path = self._force.source.path
        source = await asyncio.to_thread(read_source, path, check_expression=check_expression)
        self._candidate = source.site
        self._tried = {**self._tried, **source.marks}
        return source

    def _tell(self, error: ReloadRefused, asked_by: str) -> None:
        self._metrics.site_file.reloaded(error.outcome.value, failed=True)
        problems = [problem.describe(error.file) for problem in error.problems]
        news = self._force.failed(error.problems, self._now())
        if news or asked_by != "file":  # the same file is tried again and again
            failed = error.outcome is ReloadOutcome.FAILED
            self._note(Outcome.FAILED if failed else Outcome.NOT_DONE, asked_by, "; ".join(problems))
        if news:
            log.error("the site file is not put in force; the last good one stays", problems=problems)

    def _note(self, outcome: Outcome, asked_by: str, why: str | None, sha256: str | None = None) -> None:
        facts = {"by": asked_by, "file": str(self._force.source.path), "sha256": sha256}
        self._audit.note(Record("ce", None, "reload_site", outcome, why, facts))


def _mistake(source: Source, error: Exception) -> ReloadRefused:
    message = f"this CE cannot put it in force: {type(error).__name__}: {error}"
    problem = Problem("", None, None, message, "its log has more; please report it")
    return ReloadRefused(source.path, [problem], ReloadOutcome.FAILED)


def _answer(waiting: list[asyncio.Future[Reloaded]], reloaded: Reloaded) -> None:
    for answer in waiting:
        if not answer.done():
            answer.set_result(reloaded)


def _fail(waiting: list[asyncio.Future[Reloaded]], error: Exception) -> None:
    for answer in waiting:
        if not answer.done():
            answer.set_exception(error)
