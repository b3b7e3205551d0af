"""One SSH session of the demo login node: a real process whose pipes are joined to the channel.

As under sshd, a lost connection ends the process's stdin and breaks its stdout; it is not killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import IO

import asyncssh

_CHUNK = 64 * 1024
_REFUSED = 1
_SIGNALLED = 128
_GONE = (OSError, asyncssh.Error)
"""What a pipe or channel says whose other end is not there any more."""


async def serve(ssh: asyncssh.SSHServerProcess[bytes], home: Path, environment: Mapping[str, str]) -> None:
    """Runs the session's command (or a shell, if it has none) in `home` until it ends, and reports its end.

    When cancelled it lets go of the process and leaves it running.
    """
    if ssh.subsystem is not None:
        ssh.exit(_REFUSED)
        return
    process = _start(ssh.command, home, environment)
    try:
        code = await _attend(ssh, process)
    except asyncio.CancelledError:
        # Somebody has to wait for it, or it stays a zombie of ours; this thread ends with it or with us.
        threading.Thread(target=process.wait, daemon=True).start()
        raise
    _report(ssh, code)


def _start(command: str | None, home: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh"] if command is None else ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=home,
        env=environment,
        umask=0o022,
        start_new_session=True,
    )


async def _attend(ssh: asyncssh.SSHServerProcess[bytes], process: subprocess.Popen[bytes]) -> int:
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if stdin is None or stdout is None or stderr is None:
        raise TypeError("the process was started without its pipes")
    async with asyncio.TaskGroup() as pumps:
        feeding = pumps.create_task(_feed(_incoming(ssh, process), stdin))
        pumps.create_task(_forward(stdout, ssh.stdout))
        pumps.create_task(_forward(stderr, ssh.stderr))
        code = await _end_of(process)
        feeding.cancel()
    return code


async def _incoming(
    ssh: asyncssh.SSHServerProcess[bytes], process: subprocess.Popen[bytes]
) -> AsyncIterator[bytes]:
    while True:
        try:
            data = await ssh.stdin.read(_CHUNK)
        except asyncssh.SignalReceived as received:
            _pass_on(received.signal, process)
        except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
            pass  # Of interest to terminals only.
        else:
            if not data:
                return
            yield data


def _pass_on(name: str, process: subprocess.Popen[bytes]) -> None:
    number = getattr(signal, f"SIG{name}", None)
    if isinstance(number, signal.Signals):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


async def _feed(incoming: AsyncIterator[bytes], pipe: IO[bytes]) -> None:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, _ = await loop.connect_write_pipe(lambda: protocol, pipe)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    try:
        with contextlib.suppress(*_GONE):
            async for data in incoming:
                writer.write(data)
                await writer.drain()
        writer.close()
    finally:
        if not transport.is_closing():  # We were cancelled: nobody will read what is still to be written.
            transport.abort()


async def _forward(pipe: IO[bytes], channel: asyncssh.SSHWriter[bytes]) -> None:
    reader = asyncio.StreamReader(limit=_CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
    try:
        while data := await reader.read(_CHUNK):
            channel.write(data)
            await channel.drain()
    except _GONE:
        pass  # The process learns of it when it writes again.
    finally:
        transport.close()


async def _end_of(process: subprocess.Popen[bytes]) -> int:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return process.wait()


def _report(ssh: asyncssh.SSHServerProcess[bytes], code: int) -> None:
    with contextlib.suppress(OSError):  # The connection may be gone, and nobody listens.
        if code >= 0:
            ssh.exit(code)
        elif -code in set(signal.Signals):
            ssh.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
        else:
            ssh.exit(_SIGNALLED - code)
