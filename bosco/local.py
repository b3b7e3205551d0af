"""A stream to an agent that runs beside us: for a site that operates its own CE, and for tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from bosco.errors import Unreachable

LAST_WORDS = 4096
LAST_WORDS_WAIT = 1.0


class LocalStream:
    """A child process; see bosco.link.Stream."""

    def __init__(self, process: asyncio.subprocess.Process):
        if process.stdout is None or process.stdin is None:
            raise TypeError("the process needs pipes for its standard input and output")
        self.reader, self.writer = process.stdout, process.stdin
        self._process = process
        # Somebody has to wait for it, or it stays a zombie after its input has ended.
        self._reaper = asyncio.create_task(process.wait(), name="bosco-local-reaper")

    def close(self) -> None:
        """Ends its input. It finishes the commands under way by itself."""
        self.writer.close()

    async def another_session(self, timeout: float) -> bool | str:
        """There is no login."""
        return "nobody logs in: the agent is our own child"

    async def last_words(self) -> str:
        """The end of its standard error."""
        if self._process.stderr is None:
            return ""
        data = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_WAIT):
                data = await self._process.stderr.read(LAST_WORDS)
        return data.decode("utf-8", "replace").strip()


async def open_local(argv: list[str], *, environment: Mapping[str, str] | None = None) -> LocalStream:
    """Starts `argv` as a child in a session of its own, so that our own end does not end it."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
        )
    except OSError as error:
        raise Unreachable(f"cannot start {argv[0]}: {error}") from error
    return LocalStream(process)
