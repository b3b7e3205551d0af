"""Contents of input files, each once, under their SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.store.files import write_whole

SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class ContentMissing(ContentUnusable):
    """No file with this checksum was uploaded."""

    def __init__(self, sha256: str):
        super().__init__(f"no file with SHA-256 {sha256} is here: upload it first, or send its content")
        self.sha256 = sha256


class ContentDamaged(ContentUnusable):
    """A stored file is no longer what its checksum says: the state folder's disk is in trouble."""


class ContentStore:
    """A folder of files named by their checksums."""

    def __init__(self, folder: Path):
        self._folder = folder

    async def put(self, data: bytes) -> str:
        """Keeps `data`; returns its SHA-256. Durable when it returns. Heals what was damaged."""
        return await asyncio.to_thread(self._put, data)

    async def receive(self, uploads: Mapping[str, bytes], wanted: Collection[str]) -> None:
        """Keeps `uploads` (by checksum) if all of `wanted` are then here. Raises ContentMissing."""
        await asyncio.to_thread(self._receive, uploads, wanted)

    async def has(self, sha256: str) -> bool:
        """Whether this content is here."""
        return await asyncio.to_thread(self._path(sha256).is_file)

    async def get(self, sha256: str) -> bytes:
        """The content. Raises ContentMissing, ContentDamaged."""
        return await asyncio.to_thread(self._get, sha256)

    def _receive(self, uploads: Mapping[str, bytes], wanted: Collection[str]) -> None:
        for sha256 in wanted:
            if sha256 not in uploads and not self._path(sha256).is_file():
                raise ContentMissing(sha256)
        for data in uploads.values():
            self._put(data)

    def _put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not path.is_file() or path.read_bytes() != data:
            write_whole(path, data)
        return sha256

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
