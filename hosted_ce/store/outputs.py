"""Outputs of pilots, as they were fetched from the site."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hosted_ce.store.files import write_whole

PER_FOLDER = 1000


class OutputStore:
    """A folder with `<pilot>/<attempt>/stdout` and `stderr`."""

    def __init__(self, folder: Path):
        self._folder = folder

    async def put(self, pilot_id: int, attempt: int, name: str, data: bytes) -> None:
        """Keeps one output, whole or not at all."""
        await asyncio.to_thread(write_whole, self._path(pilot_id, attempt, name), data)

    async def get(self, pilot_id: int, attempt: int, name: str) -> bytes | None:
        """One output; None when it was not fetched."""
        path = self._path(pilot_id, attempt, name)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None

    def _path(self, pilot_id: int, attempt: int, name: str) -> Path:
        return self._folder / str(pilot_id // PER_FOLDER) / str(pilot_id) / str(attempt) / name
