"""A stream to an agent over SSH (asyncssh): pinned host key, one key, keepalive, deadlines.

asyncssh's defaults are a user's, not a service's: it would read ~/.ssh/config, ask $SSH_AUTH_SOCK, check no
liveness, and decode output (one byte that is not UTF-8 then kills every command on the connection).
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
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
    via: tuple[Login, ...] = ()
    """Jump hosts on the way, from the first on; each is logged in to through the one before it."""

    def __str__(self) -> str:
        return f"{self.account}@{self.host}:{self.port}"


class SshStream:
    """A program started over SSH; see bosco.link.Stream."""

    def __init__(
        self, connection: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes],
        hops: Sequence[asyncssh.SSHClientConnection] = (),
    ):  # fmt: skip
        """`hops`: connections to jump hosts, which serve this one alone."""
        self.reader, self.writer = process.stdout, process.stdin
        self._connection, self._process, self._hops = connection, process, hops

    def close(self) -> None:
        """Ends the whole connection: it serves this one program only."""
        self._process.close()
        hang_up([*self._hops, self._connection])

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
    hops: list[asyncssh.SSHClientConnection] = []
    at = login
    try:
        async with asyncio.timeout(timeout):
            for at in (*login.via, login):
                hops.append(await _connected(at, hops, timeout))
            # The login shell parses this line; shlex's quoting is understood by sh, csh and fish alike.
            process = await hops[-1].create_process(shlex.join(argv), encoding=None)
    except (OSError, asyncssh.Error, ValueError) as error:  # ValueError: what a key file contains
        hang_up(hops)
        raise _explained(at, error, hop=at is not login, behind=bool(hops)) from error
    except BaseException:
        hang_up(hops)
        raise
    return SshStream(hops[-1], process, hops[:-1])


async def open_hops(login: Login, timeout: float) -> list[asyncssh.SSHClientConnection]:
    """Connections to the jump hosts of a login, in their order. Whoever gets them hangs up.

    Raises as open_ssh does, about the jump host that it fails at.
    """
    hops: list[asyncssh.SSHClientConnection] = []
    for at in login.via:
        try:
            async with asyncio.timeout(timeout):
                hops.append(await _connected(at, hops, timeout))
        except (OSError, asyncssh.Error, ValueError) as error:
            hang_up(hops)
            raise _explained(at, error, hop=True, behind=bool(hops)) from error
        except BaseException:
            hang_up(hops)
            raise
    return hops


def hang_up(connections: Sequence[asyncssh.SSHClientConnection]) -> None:
    """Ends them without waiting, the last one first."""
    for connection in reversed(connections):
        connection.abort()


async def _connected(
    login: Login, before: Sequence[asyncssh.SSHClientConnection], timeout: float
) -> asyncssh.SSHClientConnection:
    _check_files(login)
    tunnel = before[-1] if before else None
    return await asyncssh.connect(login.host, login.port, tunnel=tunnel, **ssh_options(login, timeout))


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


def _explained(login: Login, error: Exception, *, hop: bool = False, behind: bool = False) -> NotRun:
    """`hop`: it is a jump host; `behind`: it is reached through one."""
    if isinstance(error, NotRun):
        return error
    found = _plainly(login, error, behind=behind)
    return type(found)(f"jump host {found}") if hop else found


def _plainly(login: Login, error: Exception, *, behind: bool) -> NotRun:
    said = str(error) or type(error).__name__
    if behind and isinstance(error, asyncssh.ChannelOpenError):
        return Unreachable(
            f"{login}: the jump host before it does not let us through ({said}): does it allow TCP "
            "forwarding to there for our key?"
        )
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
