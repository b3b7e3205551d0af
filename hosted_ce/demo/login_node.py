"""A campus login node to try the CE on: real SSH on the loopback interface, with minislurm behind it."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import asyncssh

from hosted_ce.demo import minislurm
from hosted_ce.demo.mini_identity import Identity, identity, write_whole
from hosted_ce.demo.mini_session import serve

COMMANDS = ("sbatch", "squeue", "sacct", "scancel", "sinfo", "scontrol")
_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
_LOGIN_TIMEOUT_S = 20
_PARTING_S = 2.0
"""How long `stop` waits for remote processes that end when their connection does."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


class DemoLoginNode:
    """A login node for one account, which logs in with one key and can run commands; nothing else.

    Everything that it keeps is below `folder`: the keys, `known_hosts`, the account's home, the state of the
    batch system. A second login node on the same folder is the same host, and finds the same jobs. Jobs and
    remote processes do not depend on the process that hosts this.

    `environment` is added to that of every command, to set minislurm's `MINISLURM_...` variables.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        folder: Path,
        *,
        account: str = "osg01",
        port: int = 0,
        environment: Mapping[str, str] = _NOTHING,
    ) -> None:
        folder = folder.absolute()  # commands find each other by PATH, from whatever folder they run in
        self.account = account
        self.home = folder / "home"
        self.known_hosts = folder / "known_hosts"
        self.client_key = folder / "id_ed25519"
        self._folder = folder
        self._wanted_port = port
        self._environment = environment
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that it listens on. Raises RuntimeError when it has not been started."""
        if self._acceptor is None:
            raise RuntimeError("the demo login node has no port before it is started: call start() first")
        return self._acceptor.get_port()

    async def start(self) -> None:
        """Listens. Raises OSError when the port is taken or the folder cannot be written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.mkdir(mode=0o700, exist_ok=True)
        self._write_commands()
        keys = identity(self._folder)
        self._acceptor = await self._listen(keys)
        public = keys.host_key.export_public_key().decode().strip()
        write_whole(self.known_hosts, f"[{self.host}]:{self.port} {public}\n".encode(), 0o644)

    async def stop(self) -> None:
        """Closes all connections and lets go of remote processes, which go on if they like."""
        if self._acceptor is None:
            return
        self._acceptor.close()
        self.drop_connections()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_PARTING_S)
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        await self._acceptor.wait_closed()
        self._acceptor = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def drop_connections(self) -> None:
        """Cuts every connection, as a broken network would, without a goodbye."""
        for connection in list(self._connections):
            connection.abort()

    async def _listen(self, keys: Identity) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            self.host,
            self._wanted_port,
            server_factory=lambda: _Door(self.account, keys.client_key, self._connections),
            server_host_keys=[keys.host_key],
            process_factory=self._serve,
            encoding=None,
            allow_pty=False,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
            gss_host=None,
            login_timeout=_LOGIN_TIMEOUT_S,
        )

    async def _serve(self, ssh: asyncssh.SSHServerProcess[bytes]) -> None:
        session = asyncio.current_task()
        if session is None:
            raise RuntimeError("a session is served outside of a task")
        self._sessions.add(session)
        try:
            await serve(ssh, self.home, self._login_environment())
        finally:
            self._sessions.discard(session)

    def _login_environment(self) -> dict[str, str]:
        own_python = str(Path(sys.executable).parent)  # For a machine that has no python3 of its own.
        return {
            "HOME": str(self.home),
            "USER": self.account,
            "LOGNAME": self.account,
            "SHELL": "/bin/sh",
            "PATH": os.pathsep.join([str(self._folder / "bin"), *_SYSTEM_PATH, own_python]),
            "MINISLURM_STATE": str(self._folder / "slurm"),
            **self._environment,
        }

    def _write_commands(self) -> None:
        program = Path(minislurm.__file__).with_name("__main__.py")
        commands = self._folder / "bin"
        commands.mkdir(mode=0o700, exist_ok=True)
        for command in COMMANDS:
            argv = [sys.executable, "-S", "-E", str(program), command]
            script = f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n'
            write_whole(commands / command, script.encode(), 0o755)


class _Door(asyncssh.SSHServer):
    """Lets one account in with one key. Forwarding is refused by what this class does not define."""

    def __init__(
        self, account: str, key: asyncssh.SSHKey, connections: set[asyncssh.SSHServerConnection]
    ) -> None:
        self._account = account
        self._key = key
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == self._account and key.public_data == self._key.public_data
