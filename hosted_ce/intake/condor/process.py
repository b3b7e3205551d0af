"""Calls into a child process, with a deadline: one that hangs is killed, and the next call starts another."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from hosted_ce.intake.condor import child

_CHILD = child.checksum()
"""As of when this was imported: a child that is begun after an upgrade is another program."""
LARGEST_ANSWER = 256 * 1024 * 1024


class QueueUnavailable(Exception):
    """The schedd did not answer, or said no; what was asked may or may not have been done."""


class QueueRefused(QueueUnavailable):
    """The schedd answered, and said no."""


class ChildProcess:
    """One call at a time. `environment` is added to ours."""

    def __init__(self, environment: Mapping[str, str], argv: Sequence[str] | None = None):
        self._environment = environment
        self._argv = tuple(argv or (sys.executable, "-P", "-m", child.__name__, _CHILD))
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The process, if there is one now."""
        return self._process.pid if self._process else None

    async def call(self, operation: str, timeout: float, **arguments: Any) -> Any:
        """What the operation returns. Raises QueueUnavailable, also after `timeout` seconds."""
        async with self._lock:
            try:
                async with asyncio.timeout(timeout):
                    return await self._call({"operation": operation, "arguments": arguments})
            except TimeoutError as error:
                await self._kill()
                raise QueueUnavailable(
                    f"the schedd did not answer {operation} within {timeout:g} s"
                ) from error
            except (asyncio.IncompleteReadError, OSError, ValueError) as error:
                await self._kill()
                raise QueueUnavailable(f"the process that talks to the schedd failed: {error}") from error
            except asyncio.CancelledError:
                await self._kill()
                raise

    async def close(self) -> None:
        """Ends the process."""
        await self._kill()

    async def _call(self, request: Mapping[str, Any]) -> Any:
        process = self._process or await self._start()
        assert process.stdin is not None  # noqa: S101 - for the type checker: both are pipes
        assert process.stdout is not None  # noqa: S101
        data = json.dumps(request).encode("ascii")
        process.stdin.write(struct.pack("!I", len(data)) + data)
        await process.stdin.drain()
        (size,) = struct.unpack("!I", await process.stdout.readexactly(4))
        answer = json.loads(await process.stdout.readexactly(size))
        if "refused" in answer:
            raise QueueRefused(f"the schedd refused {request['operation']}: {answer['refused']}")
        if "error" in answer:
            raise QueueUnavailable(f"the schedd did not answer {request['operation']}: {answer['error']}")
        return answer["ok"]

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **self._environment},
            limit=LARGEST_ANSWER,
            start_new_session=True,  # Ctrl-C at a terminal is for the daemon: it ends its child itself
        )
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
