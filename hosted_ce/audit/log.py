"""Writes decisions down, without secrets, and counts those that could not be."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from hosted_ce.audit.file import AuditFile
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.redaction import Redactor

log = structlog.get_logger(__name__)
SYNC_S = 1.0
LONGEST_TEXT = 1000


class Auditor(Protocol):
    """Who takes decisions down."""

    def note(self, record: Record) -> None:
        """Never raises, and never waits for a disk."""

    async def run(self) -> None:
        """Runs for ever: has the disk keep what was noted."""

    def close(self) -> None:
        """Has the disk keep the rest."""


class NoAudit:
    """Takes nothing down."""

    def note(self, record: Record) -> None:
        """Does nothing."""

    async def run(self) -> None:
        """Does nothing, for ever."""
        await asyncio.Event().wait()

    def close(self) -> None:
        """Does nothing."""


class AuditLog:
    """`run` it: the disk has what was noted within a second. `lost` hears of each that was not written."""

    def __init__(
        self, file: AuditFile, redactor: Redactor, now: Callable[[], float],
        lost: Callable[[], None] = lambda: None,
    ):  # fmt: skip
        self._file, self._redactor, self._now, self._tell_lost = file, redactor, now, lost
        self._lost = 0
        self._noted = asyncio.Event()

    def note(self, record: Record) -> None:
        """Written before this returns, if it can be; the disk has it a second later."""
        try:
            if self._lost:
                gap = Record(
                    "ce", None, "audit", Outcome.FAILED, f"{self._lost} records could not be written"
                )
                self._append(gap)
                self._lost = 0
            self._append(record)
        except OSError as error:
            if not self._lost:
                log.error("the audit log cannot be written; the CE goes on without", problem=str(error))
            self._lost += 1
            self._tell_lost()

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self._noted.wait()
            await asyncio.sleep(SYNC_S)
            self._noted.clear()
            if handles := self._file.unsynced():
                await asyncio.to_thread(_keep, handles)

    def close(self) -> None:
        """Has the disk keep the rest."""
        _keep(self._file.unsynced())
        self._file.close()

    def _append(self, record: Record) -> None:
        self._file.append(line_of(record, self._redactor, self._now()))
        self._noted.set()


def line_of(record: Record, redactor: Redactor, now: float) -> bytes:
    """The record as it is written, without secrets; `now` in seconds since the epoch."""
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    clean = {name: _short(redactor.value(value)) for name, value in record.members(at).items()}
    return f"{json.dumps(clean, default=str)}\n".encode()


def _keep(handles: Sequence[int]) -> None:
    for handle in handles:
        try:
            os.fsync(handle)
        except OSError as error:
            log.error("the disk does not keep the audit log", problem=str(error))
        finally:
            os.close(handle)


def _short(value: Any) -> Any:
    return value[:LONGEST_TEXT] + "…" if isinstance(value, str) and len(value) > LONGEST_TEXT else value
