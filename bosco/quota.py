"""What `quota` says of an account's file systems. Pure: text in, numbers out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bosco.batch.answers import said
from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command
from bosco.capabilities import Quota

COMMAND = Command(("quota", "-w", "-p"))
"""-w: one line for each file system. -p: times in seconds, so that every column is there."""
BLOCK = 1024
_NUMBER = re.compile(r"(\d{1,18})\*?\Z")
_COLUMNS = 9
"""File system; blocks: used, quota, limit, grace; the same for files."""


def quotas(result: CommandResult) -> tuple[Quota, ...] | str:
    """Those that were told, or why none is known.

    quota ends with 1 when one is exceeded, and prints `none` when there are none.
    """
    text = result.stdout.decode("utf-8", "replace")
    found = tuple(_rows(text))
    if result.complete and (found or (result.exit_code == 0 and text.rstrip().endswith(": none"))):
        return found
    if result.complete and result.exit_code == 0 and not text.strip():
        return ()
    return f"quota: {said(result)}"


def _rows(text: str) -> Iterator[Quota]:
    for line in text.splitlines():
        filesystem, *words = line.split() or [""]
        numbers = [int(found[1]) for word in words if (found := _NUMBER.match(word))]
        if len(words) != _COLUMNS - 1 or len(numbers) != len(words):
            continue
        used, soft, hard, _, files, soft_files, hard_files, _ = numbers
        yield Quota(
            filesystem, used * BLOCK, _most(soft, hard, BLOCK), files, _most(soft_files, hard_files, 1)
        )


def _most(soft: int, hard: int, unit: int) -> int | None:
    """The soft limit may be exceeded for a while only; 0 is none."""
    limits = [limit for limit in (soft, hard) if limit]
    return min(limits) * unit if limits else None
