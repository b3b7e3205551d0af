"""Reads what `hosted-ce site import` is to import: files, and folders with all that is known in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hosted_ce.cli.errors import Misuse

if TYPE_CHECKING:
    from hosted_ce.site_import import Source

_MOST_FILES = 500
_PASSED_OVER = frozenset({".git", "__pycache__", "tokens.d", "passwords.d"})


def read_sources(paths: Sequence[Path]) -> list[Source]:
    """The files in the order given; those of a folder by their paths. Raises Misuse."""
    from hosted_ce.site_import import LONGEST, Source

    found = []
    for file in dict.fromkeys(file for path in paths for file in _files(path)):
        try:
            with file.open("rb") as stream:
                data = stream.read(4 * LONGEST + 1)
        except OSError as error:
            raise Misuse(f"{file} cannot be read: {error.strerror}") from error
        found.append(Source(str(file), data.decode("utf-8-sig", errors="surrogateescape")))
    if len(found) > _MOST_FILES:
        raise Misuse(f"these are {len(found)} files, too many for one CE; name the folders that are meant")
    if not found:
        raise Misuse("there is no file in these folders")
    return found


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        if file.is_file() and not _PASSED_OVER.intersection(parts) and not file.name.endswith("~"):
            yield file
