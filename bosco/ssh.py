"""A stream to an agent over SSH (asyncssh): pinned host key, one key, keepalive, deadlines.

asyncssh's defaults are a user's, not a service's: it would read ~/.ssh/config, ask $SSH_AUTH_SOCK, check no
liveness, and decode output (one byte that is not UTF-8 then kills every command on the connection).
"""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from bosco.errors import HostKeyRefused, LoginRefused, NotRun, Unreachable

KEEPALIVE_INTERVAL = 15
KEEPALIVE_COUNT = 3
HOST_KEY_ALGORITHMS = (
    "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256",
)  # fmt: skip
ENCRYPTION_ALGORITHMS = (
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
)  # fmt: skip
LAST_WORDS = 4096
LAST_WORDS_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in: one account on one login node."""

    host: str
    port: int
    account: str
    key: Path
    known_hosts: Path

    def __str__(self) -> str:
        return f"{self.account}@{self.host}:{self.port}"


class SshStream:
    """A program started over SSH; see bosco.link.Stream."""

    def __init__(self, connection: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes]):
        self.reader, self.writer = process.stdout, process.stdin
        self._connection, self._process = connection, process

    def close(self) -> None:
        """Ends the whole connection: it serves this one program only."""
        self._process.close()
        self._connection.abort()

    async def another_session(self, timeout: float) -> bool | str:
        """Asks for one that ends at once."""
        try:
            async with asyncio.timeout(timeout):
                session = await self._connection.create_process("exit", encoding=None)
        except asyncssh.ChannelOpenError as error:
            # On a connection that was lost it is raised as well.
            return f"another session: {error}" if self._connection.is_closed() else False
        except (TimeoutError, OSError, asyncssh.Error) as error:
            return f"another session: {str(error) or 'no answer in time'}"
        session.close()
        return True

    async def last_words(self) -> str:
        """The end of its standard error."""
        try:
            async with asyncio.timeout(LAST_WORDS_WAIT):
                data = await self._process.stderr.read(LAST_WORDS)
        except (TimeoutError, OSError, asyncssh.Error):
            return ""
        return data.decode("utf-8", "replace").strip()


async def open_ssh(login: Login, argv: list[str], *, timeout: float) -> SshStream:
    """Logs in and starts `argv`. `timeout` in seconds covers all of it.

    Raises Unreachable, HostKeyRefused or LoginRefused, each saying what to do.
    """
    _check_files(login)
    try:
        async with asyncio.timeout(timeout):
            connection = await asyncssh.connect(login.host, login.port, **ssh_options(login, timeout))
            try:
                # The login shell parses this line; shlex's quoting is understood by sh, csh and fish alike.
                process = await connection.create_process(shlex.join(argv), encoding=None)
            except BaseException:
                connection.abort()
                raise
    except (OSError, asyncssh.Error, ValueError) as error:  # ValueError: what a key file contains
        raise _explained(login, error) from error
    return SshStream(connection, process)


def ssh_options(login: Login, timeout: float) -> dict[str, Any]:
    """What asyncssh is told: nothing of the user's who runs us, one key, pinned host keys, deadlines."""
    return {
        "username": login.account,
        "client_keys": [str(login.key)],
        "known_hosts": str(login.known_hosts),
        "config": None,
        "agent_path": None,
        "agent_forwarding": False,
        "preferred_auth": "publickey",
        "utf8_decode_errors": "replace",  # of a banner: else one odd byte in it makes every login fail
        "gss_host": None,
        "x509_trusted_certs": None,
        "server_host_key_algs": list(HOST_KEY_ALGORITHMS),
        "encryption_algs": list(ENCRYPTION_ALGORITHMS),
        "connect_timeout": timeout,
        "login_timeout": timeout,
        "keepalive_interval": KEEPALIVE_INTERVAL,
        "keepalive_count_max": KEEPALIVE_COUNT,
    }


def _check_files(login: Login) -> None:
    for path, what in ((login.key, "private key"), (login.known_hosts, "known hosts file")):
        if not path.is_file():
            raise Unreachable(f"{login}: the {what} {path} is not there; the site file names it")


def _explained(login: Login, error: Exception) -> NotRun:
    said = str(error) or type(error).__name__
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return HostKeyRefused(
            f"{login}: the host key is not the one pinned in {login.known_hosts} ({said}); ask the site "
            "whether it was changed before you pin the new one"
        )
    if isinstance(error, asyncssh.PermissionDenied):
        return LoginRefused(
            f"{login}: the login node refused our key {login.key} ({said}); is its public half in the "
            "account's authorized_keys, and may the account log in?"
        )
    if isinstance(error, asyncssh.KeyImportError):
        return LoginRefused(f"{login}: cannot use the private key {login.key}: {said}")
    if isinstance(error, TimeoutError):
        said = "no answer in time"
    return Unreachable(f"{login}: cannot connect: {said}")
