"""Reads what a job has written, in parts: at most so much of it, and the end if it is longer."""

from __future__ import annotations

from dataclasses import dataclass

from bosco.link import Link
from bosco.replies import told_size

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a job: at most the asked number of bytes, its end if it is longer; `size` in bytes.

    `size` is None when there is no such file.
    """

    data: bytes
    size: int | None


async def end_of(link: Link, stamp: str, name: str, limit: int, *, timeout: float) -> Output:
    """Up to `limit` bytes of a job's output. Each part may take `timeout` seconds."""

    async def part(offset: int, size: int) -> Output:
        header = {"stamp": stamp, "name": name, "offset": offset, "limit": size}
        reply = await link.call("read", header, timeout=timeout)
        return Output(reply.body[:size], told_size(reply.header))

    first = await part(0, min(CHUNK, limit))
    if first.size is None or len(first.data) >= first.size:
        return first
    # A longer file: its end tells more than its beginning.
    kept = min(limit, first.size)
    begin = first.size - kept
    data = bytearray(b"" if begin else first.data)
    while len(data) < kept:
        asked = min(CHUNK, kept - len(data))
        more = await part(begin + len(data), asked)
        data += more.data
        if len(more.data) < asked:  # it became shorter, or somebody wants us to ask for each byte
            break
    return Output(bytes(data), first.size)
