"""Contents of input files, each once, under their SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.store.files import write_whole

SHA256 = re.compile(r"[0-9a-f]{64}\Z")
REMEMBERED = 1000
"""So many contents are known to be whole: pilots bring the same again."""
TRUSTED_S = 10.0
"""Their files are not looked at for so long: a look needs a thread, since a file system may hang."""
Mark = tuple[int, int, int, int]
"""What changes when a file does."""


class ContentMissing(ContentUnusable):
    """No file with this checksum was uploaded."""

    def __init__(self, sha256: str):
        super().__init__(f"no file with SHA-256 {sha256} is here: upload it first, or send its content")
        self.sha256 = sha256


class ContentDamaged(ContentUnusable):
    """A stored file is no longer what its checksum says: the state folder's disk is in trouble."""


class ContentStore:
    """A folder of files named by their checksums."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic):
        self._folder, self._clock = folder, clock
        self._whole: dict[str, tuple[Mark, float]] = {}
        """What their files were like when they were looked at, and when."""

    async def put(self, data: bytes) -> str:
        """Keeps `data`; returns its SHA-256. Durable when it returns. Heals what was damaged."""
        sha256, mark = await asyncio.to_thread(self._put, data)
        self._remember({sha256: mark})
        return sha256

    async def receive(self, uploads: Mapping[str, bytes], wanted: Collection[str]) -> None:
        """Keeps `uploads` (by checksum) if all of `wanted` are then here. Raises ContentMissing."""
        if not all(map(self._is_whole, {*uploads, *wanted})):
            self._remember(await asyncio.to_thread(self._receive, uploads, wanted))

    async def has(self, sha256: str) -> bool:
        """Whether this content is here."""
        return self._is_whole(sha256) or await asyncio.to_thread(self._path(sha256).is_file)

    async def get(self, sha256: str) -> bytes:
        """The content. Raises ContentMissing, ContentDamaged."""
        try:
            return await asyncio.to_thread(self._get, sha256)
        except ContentUnusable:
            self._whole.pop(sha256, None)  # what comes next heals it
            raise

    def _is_whole(self, sha256: str) -> bool:
        """By what was seen of late: no file is looked at."""
        known = self._whole.get(sha256)
        return known is not None and self._clock() < known[1] + TRUSTED_S

    def _remember(self, marks: Mapping[str, Mark | None]) -> None:
        now = self._clock()
        for sha256, mark in marks.items():
            self._whole.pop(sha256, None)
            if mark is not None:
                self._whole[sha256] = mark, now
        while len(self._whole) > REMEMBERED:
            del self._whole[next(iter(self._whole))]

    def _receive(self, uploads: Mapping[str, bytes], wanted: Collection[str]) -> dict[str, Mark | None]:
        named = {sha256: self._unchanged(sha256) for sha256 in wanted if sha256 not in uploads}
        return named | dict(map(self._put, uploads.values()))

    def _unchanged(self, sha256: str) -> Mark | None:
        """None: it is here, but not known to be whole. Raises ContentMissing."""
        if (mark := _mark(self._path(sha256))) is None:
            raise ContentMissing(sha256)
        known = self._whole.get(sha256)
        return mark if known and known[0] == mark else None

    def _put(self, data: bytes) -> tuple[str, Mark | None]:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        mark = _mark(path)  # before it is read: what changes after that is seen
        if mark is None or path.read_bytes() != data:
            write_whole(path, data)
            mark = _mark(path)
        return sha256, mark

    def _get(self, sha256: str) -> bytes:
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise ContentMissing(sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ContentDamaged(f"{self._path(sha256)} has not the content that its name says")
        return data

    def _path(self, sha256: str) -> Path:
        if not SHA256.match(sha256):
            raise ContentMissing(sha256)
        return self._folder / sha256[:2] / sha256


def _mark(path: Path) -> Mark | None:
    """None: there is no such file."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
