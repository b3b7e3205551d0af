"""Reads the CE's log: what is there, and what is added while one looks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from hosted_ce.log_file import files_of

LOOK_S = 0.5


class LogReader:
    """A context. First all of `present`, then `added`, which leaves none out and tells none twice."""

    def __init__(self, path: Path, sleep: Callable[[float], None] = time.sleep):
        self._path, self._sleep = path, sleep
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.close()

    def present(self) -> Iterator[str]:
        """All lines of the log and its older files, oldest first."""
        files = files_of(self._path)
        for file in files:
            if file != self._path:
                with _opened(file) as stream:
                    yield from stream
        if self._path in files:
            self._stream = _opened(self._path)
            yield from self._whole(self._stream)

    def added(self) -> Iterator[str]:
        """Lines as they are written, for ever. A file that takes the log's place is gone on with."""
        while True:
            if self._stream:
                yield from self._whole(self._stream)
            if self._replaced():
                if self._stream:
                    yield from self._whole(self._stream)  # what came before it was replaced
                    self._stream.close()
                self._stream = _opened(self._path)
            else:
                self._sleep(LOOK_S)

    def _whole(self, stream: TextIO) -> Iterator[str]:
        """A line that is being written is left for the next time."""
        while True:
            here = stream.tell()
            line = stream.readline()
            if not line.endswith("\n"):
                stream.seek(here)
                return
            yield line

    def _replaced(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False  # not there yet, or just being replaced
        return self._stream is None or not os.path.samestat(found, os.fstat(self._stream.fileno()))


def _opened(file: Path) -> TextIO:
    return file.open(encoding="utf-8", errors="backslashreplace")
