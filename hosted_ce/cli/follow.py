"""Shows what is wanted of a file of JSON lines, and goes on with what is added to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.logs.lines import parsed
from hosted_ce.cli.logs.reading import LogReader
from hosted_ce.cli.printing import note
from hosted_ce.cli.process import shown


class Filter(Protocol):
    """What of a file is wanted."""

    def takes(self, line: Mapping[str, Any], /) -> bool:
        """Whether this line is."""


def show(
    path: Path, wanted: Filter, tell: Callable[[Iterable[str]], None], *, newest: int, follow: bool
) -> None:
    """Has `tell` print the newest lines, oldest first; `follow`: goes on until Ctrl-C. Raises CliError."""
    try:
        with LogReader(path) as reader:
            found = deque(_taken(_read(reader.present(), path), wanted), maxlen=newest)
            tell(found)
            if not (found or follow):
                note(f"no such lines in {shown(path)} and the older files beside it")
            if follow:
                tell(_taken(_read(reader.added(), path), wanted))
    except KeyboardInterrupt:
        return


def _read(lines: Iterable[str], path: Path) -> Iterator[str]:
    """What is printed may fail as well, and is not about the file."""
    try:
        yield from lines
    except OSError as error:
        raise CliError(f"{error.filename or shown(path)} cannot be read: {error.strerror}") from error


def _taken(lines: Iterable[str], wanted: Filter) -> Iterator[str]:
    return (text for text in lines if (line := parsed(text)) is not None and wanted.takes(line))
