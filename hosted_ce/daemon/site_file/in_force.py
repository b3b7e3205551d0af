"""The site in force: what everybody in the daemon goes by, and why a later file is not."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.api.ports.site_files import SiteFileView
from hosted_ce.daemon.site_file.routes import RoutesUnusable, table_of
from hosted_ce.redaction import redacted
from hosted_ce.routing.route import Table
from hosted_ce.site import Problem, SiteFile, SiteFileError
from hosted_ce.site.source import Source


@dataclass(frozen=True, slots=True)
class Compiled:
    """A site file, and its routes as they are run."""

    source: Source
    table: Table


def compiled(source: Source) -> Compiled:
    """With its routes compiled. Raises SiteFileError when routes of HTCondor-CE's files cannot be used.

    Also when they come to none at all: a file that is half written looks like that.
    """
    try:
        table = table_of(source.site, source.folder)
    except RoutesUnusable as error:
        problems = [Problem("routes", None, None, line) for line in str(error).splitlines()]
        raise SiteFileError(source.path, problems) from error
    if not table.routes:
        hint = "name them in JOB_ROUTER_ROUTE_NAMES"
        raise SiteFileError(
            source.path, [source.place(("routes",), "the files named here have no route", hint)]
        )
    return Compiled(source, table)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why what the file says is not in force, and since when (seconds since the epoch)."""

    problems: tuple[Problem, ...]
    since: float


class SiteInForce:
    """Swapped as a whole, so that nobody ever sees parts of two files. Times in seconds since the epoch."""

    def __init__(self, first: Compiled, at: float):
        self._now = first
        self.loaded_at = at
        self.failure: Failure | None = None
        self.chores: tuple[str, ...] = ()

    @property
    def source(self) -> Source:
        """The file as it was when it was read."""
        return self._now.source

    @property
    def site(self) -> SiteFile:
        """What it says."""
        return self._now.source.site

    @property
    def table(self) -> Table:
        """All that routing goes by."""
        return self._now.table

    def swap(self, new: Compiled, at: float, chores: tuple[str, ...]) -> None:
        """Another file is in force from now on."""
        self._now, self.loaded_at, self.chores = new, at, chores

    def same(self, source: Source) -> None:
        """The file was written anew and says the same."""
        self._now = Compiled(source, self._now.table)

    def failed(self, problems: tuple[Problem, ...], at: float) -> bool:
        """What the file says now is not put in force; whether that is news."""
        news = self.failure is None or self.failure.problems != problems
        self.failure = Failure(problems, self.failure.since if self.failure else at)
        return news

    def view(self) -> SiteFileView:
        """As the API shows it, also to strangers."""
        file = self.source.path
        problems = self.failure.problems if self.failure else ()
        return SiteFileView(
            path=str(file),
            sha256=self.source.sha256,
            loaded_at=self.loaded_at,
            problems=tuple(redacted(problem.describe(file)) for problem in problems),
            failed_at=self.failure.since if self.failure else None,
            chores=self.chores,
        )
