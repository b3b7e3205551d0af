"""A site file together with the files that it names: what it says, and what shows that any of it changed.

Seen by content, not by times: a file system may keep times coarsely or show old ones, and a volume of
Kubernetes swaps a link above the file. Only private keys are known by size, times and number: their content
is nobody's business here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hosted_ce.site.cluster import Hop, SshAccess
from hosted_ce.site.errors import Loc, Problem, SiteFileError
from hosted_ce.site.lint.site_file import ExpressionChecker, lint_reading, lint_words
from hosted_ce.site.load import read_site_text, read_text
from hosted_ce.site.model import SiteFile
from hosted_ce.site.positions import Document, Finding

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Source:
    """A site as its file said it when it was read. `sha256` is of the file's text.

    `named` has a mark of each file that the site file names, by path.
    """

    path: Path
    site: SiteFile
    sha256: str
    named: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    document: Document = field(default_factory=Document)

    @property
    def folder(self) -> Path:
        """From where paths in it go that do not begin with a slash."""
        return self.path.parent

    @property
    def marks(self) -> dict[str, str]:
        """As `marks_of` gave it when it was read."""
        return {str(self.path): self.sha256, **self.named}

    def mark(self, file: Path) -> str | None:
        """The mark of a file that it names, None if it was not looked at."""
        return self.named.get(str(self.folder / file))

    def place(self, loc: Loc, message: str, hint: str) -> Problem:
        """An error about a part of it, with its line and column."""
        return self.document.place(Finding(loc, message, hint))


def read_source(path: Path, *, check_expression: ExpressionChecker) -> Source:
    """The site file at `path`, fit for use. Raises SiteFileError with all errors of loading and of lint."""
    text = read_text(path)
    if isinstance(text, Problem):
        raise SiteFileError(path, [text])
    reading = read_site_text(text)
    found = lint_reading(reading, path, check_expression=check_expression)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors or reading.site is None:
        raise SiteFileError(path, errors)
    warnings = tuple(problem for problem in found if problem.severity == "warning")
    return Source(
        path, reading.site, _sha256(text), _named(path.parent, reading.site), warnings, reading.document
    )


def check_text(text: str, path: Path, *, check_expression: ExpressionChecker) -> Source:
    """The site that this text says. Raises SiteFileError; files that it names are not looked at.

    `path` is what the problems call the text.
    """
    reading = read_site_text(text)
    errors = lint_words(reading, check_expression=check_expression)
    if errors or reading.site is None:
        raise SiteFileError(path, errors)
    return Source(path, reading.site, _sha256(text), document=reading.document)


def marks_of(path: Path, *sites: SiteFile) -> dict[str, str]:
    """A mark of the site file at `path` and of each file that one of `sites` names, by path.

    It is another one when the file was changed.
    """
    text = read_text(path)
    own = _sha256(text) if isinstance(text, str) else text.message
    return {str(path): own, **_named(path.parent, *sites)}


def _named(folder: Path, *sites: SiteFile) -> dict[str, str]:
    accesses = [cluster.ssh for site in sites for cluster in site.clusters.values() if cluster.ssh]
    ways: list[SshAccess | Hop] = [*accesses, *(hop for access in accesses for hop in access.jump)]
    texts = [way.known_hosts for way in ways]
    texts += [way.certificate or way.key.with_name(f"{way.key.name}-cert.pub") for way in ways]
    for route in (route for site in sites for route in site.routes):
        texts += [folder / file for file in (route.htcondor.files if route.htcondor else ())]
    keys = {str(way.key): _mark_of_key(way.key) for way in ways}
    return {**keys, **{str(each): _mark_of_text(each) for each in texts}}


def _mark_of_key(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ABSENT
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}"


def _mark_of_text(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ABSENT


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
