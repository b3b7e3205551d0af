"""What bosco.ssh.walk needs of asyncssh: who watches the login, and one command with its answer."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncssh

from bosco.ssh.host_keys import Witness
from bosco.ssh.identity import KeyRing

WORDS_SHOWN = 300


class Guest(Witness):
    """Watches a login from within: how far it got, and what is asked for besides the key."""

    def __init__(self, ring: KeyRing, connected: Callable[[], None]):
        """The ring's keys log in. Calls `connected` when the connection was taken."""
        self._ring, self._connected = ring, connected
        self._connection: asyncssh.SSHClientConnection | None = None
        self._asked: list[str] = []
        self.connected = False

    @property
    def server(self) -> str | None:
        """How the server greeted."""
        return self._connection.get_extra_info("server_version") if self._connection else None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """The connection was taken."""
        self._connection, self.connected = conn, True
        self._connected()

    @property
    def second_factor(self) -> str | None:
        """What is asked for although a key was accepted; if none was, one is asked for once more."""
        return " or ".join(self._asked) if self._asked and self._ring.taken else None

    def public_key_auth_requested(self) -> asyncssh.SSHKeyPair | None:
        """Gives our keys, each once."""
        return self._ring.next()

    def kbdint_auth_requested(self) -> None:
        """A second factor, or another way in."""
        self._asked.append("keyboard-interactive")

    def password_auth_requested(self) -> None:
        """A password, as well or instead."""
        self._asked.append("password")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a command answered."""

    output: bytes
    errors: bytes
    exit_code: int | None

    @property
    def words(self) -> str:
        """The end of what it said, in one line."""
        text = (self.output + b"\n" + self.errors).decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " / ".join(lines)[-WORDS_SHOWN:] or f"exit code {self.exit_code} and no word why"


async def exchange(connection: asyncssh.SSHClientConnection, argv: Sequence[str], timeout: float) -> Exchange:
    """Runs one command in a session of its own. Its input stays open, as the agent's does.

    Raises TimeoutError after `timeout` seconds, and what asyncssh raises when there is no session.
    """
    async with asyncio.timeout(timeout):
        done = await connection.run(shlex.join(argv), encoding=None, check=False)
    return Exchange(_bytes(done.stdout), _bytes(done.stderr), done.exit_status)


def _bytes(output: object) -> bytes:
    return output if isinstance(output, bytes) else b""
