"""The file: lines are appended whole, older files have numbers, and a full disk ends nothing."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

MODE, FOLDER_MODE = 0o600, 0o700


class AuditFile:
    """At `size` bytes the file becomes `path.1`, that one `path.2`, and so on, `files` in all.

    A file that another program has moved away is opened anew. Not for more than one process.
    """

    def __init__(self, path: Path, size: int, files: int):
        self._path, self._size, self._files = path, size, files
        self._handle: int | None = None
        self._broken = self._dirty = False
        self._owed: list[int] = []
        """Handles of files that we went on from, before the disk had all of them."""

    def append(self, line: bytes) -> None:
        """Gives one line, which ends with a newline, to the operating system. Raises OSError.

        A process that dies after that has not lost it; a machine may, until an fsync.
        """
        handle = self._current(len(line))
        data = b"\n" + line if self._broken else line
        written = os.write(handle, data)
        self._dirty, self._broken = True, written < len(data)
        if self._broken:
            raise OSError(f"{self._path} took {written} of {len(data)} bytes")

    def unsynced(self) -> list[int]:
        """Handles of what was appended since the last time, for fsync; whoever asks is to close them."""
        handles, self._owed = self._owed, []
        if self._handle is not None and self._dirty:
            self._dirty = False
            handles.append(os.dup(self._handle))
        return handles

    def close(self) -> None:
        """Ends it, without fsync."""
        self._let_go()
        for handle in self.unsynced():
            os.close(handle)

    def _current(self, more: int) -> int:
        if self._handle is not None and self._moved(self._handle):
            self._let_go()
        if self._handle is None:
            self._handle = self._opened()
        size = os.fstat(self._handle).st_size
        if size and size + more > self._size:
            self._turn()
            self._handle = self._opened()
        return self._handle

    def _opened(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        handle = os.open(self._path, flags, MODE)
        os.fchmod(handle, MODE)
        return handle

    def _moved(self, handle: int) -> bool:
        try:
            return not os.path.samestat(self._path.stat(), os.fstat(handle))
        except FileNotFoundError:
            return True

    def _turn(self) -> None:
        self._let_go()
        older = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._files))]
        for number in range(len(older) - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                older[number - 1].replace(older[number])
        self._path.unlink(missing_ok=True)  # with one file there is none to become

    def _let_go(self) -> None:
        if self._handle is None:
            return
        if self._dirty:
            self._owed.append(self._handle)
        else:
            os.close(self._handle)
        self._handle, self._broken, self._dirty = None, False, False
