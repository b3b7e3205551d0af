"""A stream to an agent over SSH (asyncssh): pinned host keys, own keys, keepalive, deadlines.

asyncssh's defaults are a user's, not a service's: it would read ~/.ssh/config, ask $SSH_AUTH_SOCK, check no
liveness, and decode output (one byte that is not UTF-8 then kills every command on the connection).
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh

from bosco.errors import HostKeyRefused, KeyUnusable, LoginRefused, NotRun, Unreachable
from bosco.ssh import compression
from bosco.ssh.host_keys import Witness, algorithms
from bosco.ssh.host_keys import refused as refused_host_key
from bosco.ssh.identity import Identity, KeyRing, OnLogin, key_ring

KEEPALIVE_INTERVAL = 15
KEEPALIVE_COUNT = 3
ENCRYPTION_ALGORITHMS = (
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
)  # fmt: skip
COMPRESSION_ALGORITHMS = (compression.NAME, "none")
"""Where an agent runs: scripts and listings are much the same each time. It begins after the login."""
ASK_THE_SITE = "ask the site whether it was changed before you pin the new one"
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
    certificate: Path | None = None
    """Of the key; None: one that lies beside it, if there is one."""
    agent: Path | None = None
    """The socket of an ssh-agent that holds the key; `key` is the file with its public half then."""

    next_too: bool = True
    """The next key of a rotation is shown as well."""

    @property
    def identity(self) -> Identity:
        """Who we are there."""
        return Identity(self.key, self.certificate, self.agent, self.next_too)

    @property
    def settled(self) -> Login:
        """The same with the keys in use alone, at every host."""
        return replace(self, next_too=False, via=tuple(hop.settled for hop in self.via))

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


class _Visitor(Witness):
    """Logs in with the keys of a ring."""

    def __init__(self, ring: KeyRing):
        self._ring = ring

    def public_key_auth_requested(self) -> asyncssh.SSHKeyPair | None:
        return self._ring.next()


async def open_ssh(
    login: Login, argv: list[str], *, timeout: float, on_login: OnLogin | None = None
) -> SshStream:
    """Logs in and starts `argv`. `timeout` in seconds covers all of it. `on_login` is told of each host's
    that was by a key.

    Raises Unreachable, HostKeyRefused, KeyUnusable or LoginRefused, each saying what to do.
    """
    hops: list[asyncssh.SSHClientConnection] = []
    at = login
    try:
        async with asyncio.timeout(timeout):
            for at in (*login.via, login):
                hops.append(await _connected(at, hops, timeout, on_login, hop=at is not login))
            # The login shell parses this line; shlex's quoting is understood by sh, csh and fish alike.
            process = await hops[-1].create_process(shlex.join(argv), encoding=None)
    except (OSError, asyncssh.Error, ValueError, NotRun) as error:  # ValueError: what a file contains
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
                hops.append(await _connected(at, hops, timeout, hop=True))
        except (OSError, asyncssh.Error, ValueError, NotRun) as error:
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
    login: Login, before: Sequence[asyncssh.SSHClientConnection], timeout: float,
    on_login: OnLogin | None = None, *, hop: bool,
) -> asyncssh.SSHClientConnection:  # fmt: skip
    check_files(login)
    tunnel = before[-1] if before else None
    async with key_ring(login.identity) as ring:
        visitor = _Visitor(ring)
        try:
            connection = await asyncssh.connect(
                login.host, login.port, tunnel=tunnel, client_factory=lambda: visitor,
                **ssh_options(login, timeout, hop=hop),
            )  # fmt: skip
        except asyncssh.HostKeyNotVerifiable as error:
            words = refused_host_key(str(error), visitor.shown, login.known_hosts, login.host, login.port)
            todo = f"; {ASK_THE_SITE}" if visitor.shown else ""
            raise HostKeyRefused(f"{login}: {words}{todo}") from error
        except asyncssh.PermissionDenied as error:
            raise refused(login, ring, str(error)) from error
        if on_login and (use := ring.use(str(login))):
            on_login(use)
    return connection


def refused(login: Login, ring: KeyRing, said: str) -> NotRun:
    """What to tell when no key was taken."""
    if ring.trouble:
        return KeyUnusable(f"{login}: {ring.trouble}")
    known = f"; {ring.words}" if ring.words else ""
    return LoginRefused(
        f"{login}: the login node refused our key {login.key} ({said}); is its public half in the "
        f"account's authorized_keys, and may the account log in?{known}"
    )


def ssh_options(login: Login, timeout: float, *, hop: bool = False) -> dict[str, Any]:
    """What asyncssh is told: nothing of the user's who runs us, pinned host keys, deadlines.

    No keys: without a word of them it would take those in ~/.ssh; a client gives ours one by one. Through a
    `hop` goes what is encrypted, which nothing makes smaller.
    """
    return {
        "username": login.account,
        "client_keys": None,
        "known_hosts": str(login.known_hosts),
        "config": None,
        "agent_path": None,
        "agent_forwarding": False,
        "preferred_auth": "publickey",
        "utf8_decode_errors": "replace",  # of a banner: else one odd byte in it makes every login fail
        "gss_host": None,
        "x509_trusted_certs": None,
        "server_host_key_algs": algorithms(login.known_hosts, login.host, login.port),
        "encryption_algs": list(ENCRYPTION_ALGORITHMS),
        "compression_algs": ["none"] if hop else list(COMPRESSION_ALGORITHMS),
        "connect_timeout": timeout,
        "login_timeout": timeout,
        "keepalive_interval": KEEPALIVE_INTERVAL,
        "keepalive_count_max": KEEPALIVE_COUNT,
    }


def check_files(login: Login) -> None:
    """Raises Unreachable for a file that is not there."""
    for path, what in ((login.key, "private key"), (login.known_hosts, "known hosts file")):
        if not path.is_file():
            raise Unreachable(f"{login}: the {what} {path} is not there; the site file names it")


def _explained(login: Login, error: Exception, *, hop: bool = False, behind: bool = False) -> NotRun:
    """`hop`: it is a jump host; `behind`: it is reached through one."""
    found = error if isinstance(error, NotRun) else _plainly(login, error, behind=behind)
    return type(found)(f"jump host {found}") if hop else found


def _plainly(login: Login, error: Exception, *, behind: bool) -> NotRun:
    said = str(error) or type(error).__name__
    if behind and isinstance(error, asyncssh.ChannelOpenError):
        return Unreachable(
            f"{login}: the jump host before it does not let us through ({said}): does it allow TCP "
            "forwarding to there for our key?"
        )
    if isinstance(error, TimeoutError):
        said = "no answer in time"
    return Unreachable(f"{login}: cannot connect: {said}")
