"""Key sets in files of the state folder, one for each issuer."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
from pathlib import Path

import structlog

from hosted_ce.scitokens.keyring import KeptKeys

log = structlog.get_logger(__name__)
MODE = 0o700


class KeyFiles:
    """What cannot be read counts as not there; what cannot be written is told, and stops nothing."""

    def __init__(self, folder: Path):
        self._folder = folder

    async def get(self, issuer: str) -> KeptKeys | None:
        """The last one of this issuer."""
        return await asyncio.to_thread(self._read, issuer)

    async def put(self, kept: KeptKeys) -> None:
        """Takes its place, whole or not at all."""
        try:
            await asyncio.to_thread(self._write, kept)
        except OSError as error:
            log.warning("an issuer's keys cannot be kept", issuer=kept.issuer, problem=str(error))

    def _path(self, issuer: str) -> Path:
        return self._folder / f"{hashlib.sha256(issuer.encode()).hexdigest()}.json"

    def _read(self, issuer: str) -> KeptKeys | None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            said = json.loads(self._path(issuer).read_bytes())
            if said["issuer"] == issuer:
                return KeptKeys(issuer, base64.b64decode(said["document"]), float(said["fetched_at"]))
        return None

    def _write(self, kept: KeptKeys) -> None:
        self._folder.mkdir(mode=MODE, parents=True, exist_ok=True)
        text = json.dumps(
            {
                "issuer": kept.issuer,
                "fetched_at": kept.fetched_at,
                "document": base64.b64encode(kept.document).decode(),
            }
        )
        path = self._path(kept.issuer)
        new = path.with_suffix(f".{os.getpid()}.new")
        new.write_text(text)
        new.replace(path)
