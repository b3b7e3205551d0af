"""The log on disk: JSON lines in a file of bounded size, with a few of before."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path


class LogFile(RotatingFileHandler):
    """Writes to `path`; at `size` bytes it becomes `path.1`, that one `path.2`, and so on, `files` in all.

    What cannot be written, since the disk is full, is told once on standard error, and ends nothing.
    """

    def __init__(self, path: Path, size: int, files: int):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().__init__(
            path, maxBytes=size, backupCount=files - 1, encoding="utf-8", errors="backslashreplace"
        )
        self._failed = self._was_failing = False

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        self._was_failing, self._failed = self._failed, False
        super().emit(record)

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802
        """As logging has it, with one question to the file system in place of four: each line asks."""
        if not self.stream:  # what could not be opened is tried again
            self.stream = self._open()
        return os.fstat(self.stream.fileno()).st_size + len(self.format(record)) >= self.maxBytes

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """It could not be written."""
        self._failed = True
        if not self._was_failing:
            print(f"the log file {self.baseFilename} cannot be written: {sys.exc_info()[1]}", file=sys.stderr)


def files_of(path: Path) -> list[Path]:
    """The log's files that there are, oldest first."""
    numbered = [
        (int(file.suffix[1:]), file)
        for file in path.parent.glob(f"{path.name}.*")
        if file.suffix[1:].isdecimal()
    ]
    older = [file for _, file in sorted(numbered, reverse=True)]
    return [*older, path] if path.exists() else older
