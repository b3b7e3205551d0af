"""Whether software was replaced on disk while it runs: what is imported then may be of another version."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_NOT_OURS = ("__pycache__", ".")
"""Beginnings of names: Python writes when it wants, and editors leave hidden files."""


class Installed:
    """These files, and folders with all that is in them, as they are when this is made."""

    def __init__(self, places: Sequence[Path]):
        self._places = tuple(places)
        self._at_start = self._marks()

    def is_replaced(self) -> bool:
        """Whether any of them is another one now, or is gone, or new."""
        try:
            return self._marks() != self._at_start
        except OSError:  # they are being replaced
            return True

    def _marks(self) -> int:
        return hash(frozenset(mark for place in self._places for mark in _marks(str(place))))


def _marks(path: str) -> Iterator[tuple[str, int, int]]:
    """Raises OSError."""
    if os.path.isdir(path):
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.name.startswith(_NOT_OURS):
                    yield from _marks(entry.path)
    else:
        facts = os.lstat(path)
        yield path, facts.st_mtime_ns, facts.st_size
