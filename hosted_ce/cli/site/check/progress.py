"""Shows how a run goes on: one line that changes on a terminal; elsewhere a line for each step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.text import Text

from hosted_ce.cli.printing import note
from hosted_ce.cli.site.check.lines import Document, summary
from hosted_ce.cli.words import cell


class Progress(Protocol):
    """Is told a run as often as it is looked at."""

    def __call__(self, run: Document) -> None: ...


@contextmanager
def progress() -> Iterator[Progress]:
    """On stderr, so that the report alone is on stdout."""
    if not sys.stderr.isatty():
        yield _Plain()
        return
    console = Console(stderr=True)
    with console.status("") as status:
        yield lambda run: status.update(Text(_words(run)))


class _Plain:
    def __init__(self) -> None:
        self._said = ""

    def __call__(self, run: Document) -> None:
        if (said := f"{cell(run['cluster'])}: {cell(run['doing'])}") != self._said and run["doing"]:
            note(said)
            self._said = said


def _words(run: Document) -> str:
    known = f" ({summary(run)})" if summary(run) else ""
    return f"{cell(run['cluster'])}: {cell(run['doing'])}{known}"
