"""An SSH server of our own in this process, whose commands really run; and a wire that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import asyncssh

from bosco.ssh.stream import Login

HOST = "127.0.0.1"


class Wire:
    """A TCP proxy in front of the server. When it is `dead`, nothing comes through, and nobody is told."""

    def __init__(self, port: int):
        self._target = port
        self._ends: list[asyncio.StreamWriter] = []
        self._carrying: set[asyncio.Task[Any]] = set()
        self.dead = False
        self.port = 0
        self.passed = 0
        """Bytes, both ways."""

    async def start(self) -> None:
        """Listens on a port of its own."""
        self._server = await asyncio.start_server(self._join, HOST)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Resets every connection."""
        for end in self._ends:
            end.transport.abort()

    async def stop(self) -> None:
        """Refuses new connections and resets the others."""
        self._server.close()
        self.cut()
        await self._server.wait_closed()
        await _ended(self._carrying)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._carrying.add(_this_task())
        there_reader, there_writer = await asyncio.open_connection(HOST, self._target)
        self._ends += [writer, there_writer]
        await asyncio.gather(self._carry(reader, there_writer), self._carry(there_reader, writer))

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if not self.dead:
                    self.passed += len(data)
                    sink.write(data)
                    await sink.drain()
        sink.close()


class SshSite(asyncssh.SSHServer):
    """One account on a login node. Its attributes change what happens to the next login."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.before = ""
        """Shell words that the login shell runs first."""
        self.takes_channels = True
        self.answers_channels = True
        self.asks_for_a_key = True
        self.compresses = True
        """Before it is started."""
        self.commands: list[str] = []
        self.begun = asyncio.Event()
        """Set when a command has come."""
        self.logins = 0
        self._serving: set[asyncio.Task[Any]] = set()
        self.lets_through = True
        self.through: list[tuple[str, int]] = []
        self.key = folder / "key"
        self.known_hosts = folder / "known_hosts"

    async def start(self) -> None:
        """Makes the keys and listens."""
        self.host_key, key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        key.write_private_key(self.key)
        key.write_public_key(self.folder / "authorized_keys")
        self._acceptor = await asyncssh.listen(
            HOST, 0, server_factory=lambda: self, server_host_keys=[self.host_key], encoding=None,
            authorized_client_keys=str(self.folder / "authorized_keys"),
            compression_algs=["none", *(["zlib@openssh.com"] if self.compresses else [])],
        )  # fmt: skip
        self.wire = Wire(self._acceptor.get_port())
        await self.wire.start()
        self.pin(self.host_key)

    def pin(self, key: asyncssh.SSHKey, marker: str = "") -> None:
        """Makes this the host key that the client expects, or with a marker the CA of it."""
        public = key.export_public_key().decode()
        self.known_hosts.write_text(f"{marker}[{HOST}]:{self.wire.port} {public}")

    def login(self, **other: Any) -> Login:
        """How to log in."""
        right = {"host": HOST, "port": self.wire.port, "account": "osg01", "key": self.key}
        return Login(**{**right, "known_hosts": self.known_hosts, **other})

    async def stop(self) -> None:
        """Ends it."""
        await self.wire.stop()
        self._acceptor.close()
        await self._acceptor.wait_closed()
        await _ended(self._serving)

    def begin_auth(self, username: str) -> bool:
        """Counts the logins, and says whether a key is needed."""
        self.logins += 1
        return self.asks_for_a_key

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        """Whether it lets somebody through to another host."""
        self.through.append((dest_host, dest_port))
        return self.lets_through

    def session_requested(self) -> asyncssh.SSHServerProcess[bytes] | bool:
        """A channel, if the client gets one; if it gets an answer at all."""
        self.wire.dead = not self.answers_channels
        return self.takes_channels and asyncssh.SSHServerProcess(self._serve, None, 3, False)

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        assert process.command
        self._serving.add(_this_task())
        self.commands.append(process.command)
        self.begun.set()
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", self.before + process.command, stdin=pipe, stdout=pipe, stderr=pipe
        )
        assert child.stdin
        assert child.stdout
        assert child.stderr
        feeding = asyncio.create_task(_pump(process.stdin, child.stdin))
        telling = asyncio.create_task(_pump(child.stderr, process.stderr))
        if await _pump(child.stdout, process.stdout):
            await telling
        for number in range(3):  # as sshd does: what still runs there may go on, but nobody hears it
            child._transport.get_pipe_transport(number).close()  # type: ignore[attr-defined]
        feeding.cancel()
        await asyncio.wait([feeding, telling])
        process.exit(await child.wait())


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task
    return task


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    """What serves connections ends with them."""
    if tasks:
        await asyncio.wait(tasks, timeout=10)


async def _pump(source: Any, sink: Any) -> bool:
    """Carries all there is; returns whether the other side took it."""
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except (OSError, asyncssh.Error):
        return False
    finally:
        if isinstance(sink, asyncio.StreamWriter):
            sink.close()
    return True
