"""Goes the way to an agent over SSH step by step, so that whoever it fails for is told at which step.

It is the way that bosco.dials goes, with two short commands more, and on one connection: sites count those.
"""

from __future__ import annotations

import asyncio
import errno
import shlex
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import asyncssh

from bosco.approach import Approach, Step
from bosco.errors import BoscoError, HostKeyRefused, KeyUnusable, LoginRefused, NotRun
from bosco.link import NOISE_SHOWN, Link, agent_command, agent_source
from bosco.ssh.host_keys import refused as refused_host_key
from bosco.ssh.identity import KeyRing, key_ring
from bosco.ssh.key_mode import key_mode
from bosco.ssh.stream import Login, SshStream, hang_up, open_hops, ssh_options
from bosco.ssh.wanderer import Exchange, Guest, exchange

OLDEST_PYTHON = (3, 6)
MARK = "hce-is-here"
CONFINED = b"This key starts the agent of a hosted_ce and nothing else."
"""What an agent that the site has installed says to any command (bosco.agent.guard)."""
_AT_HOP: Mapping[type[NotRun], Step] = {
    HostKeyRefused: Step.HOST_KEY, LoginRefused: Step.KEY, KeyUnusable: Step.OWN_FILES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each step may take, in seconds."""

    name: float = 10.0
    connect: float = 15.0
    shell: float = 30.0
    """A login shell with a heavy profile on a busy login node takes this long at times."""


class Stopped(Exception):
    """A step did not go well; the text says what was seen."""

    def __init__(self, step: Step, said: str):
        super().__init__(said)
        self.step = step


async def walk(
    login: Login, *, python: str, spool: str, patience: Patience | None = None
) -> tuple[Approach, Link | None]:
    """How far we got, and the link at the end of the way. Whoever gets a link closes it. Raises nothing."""
    walker = _Walker(login, python, spool, patience or Patience())
    try:
        link = await walker.go()
    except Stopped as stop:
        walker.hang_up()
        return replace(walker.approach, failed=stop.step, said=str(stop)), None
    except BaseException:
        walker.hang_up()
        raise
    return walker.approach, link


class _Walker:
    def __init__(self, login: Login, python: str, spool: str, patience: Patience):
        self._login, self._python, self._spool, self._patience = login, python, spool, patience
        self._connection: asyncssh.SSHClientConnection | None = None
        self._hops: list[asyncssh.SSHClientConnection] = []
        self._began = time.monotonic()
        self.approach = Approach(f"{login.host}:{login.port}")

    async def go(self) -> Link:
        await self._own_files()
        await self._name()
        self._hops = await self._through()
        connection = self._connection = await self._log_in()
        await self._shell(connection)
        if not self.approach.confined:  # the site chose the Python of the agent that it has installed
            await self._ask_python(connection)
        return await self._agent(connection)

    def hang_up(self) -> None:
        hang_up([*self._hops, *([self._connection] if self._connection else [])])

    def _passed(self, step: Step) -> None:
        now = time.monotonic()
        self.approach = replace(self.approach, seconds={**self.approach.seconds, step: now - self._began})
        self._began = now

    async def _own_files(self) -> None:
        for login in (*self._login.via, self._login):
            await self._files_of(login)
        self._passed(Step.OWN_FILES)

    async def _files_of(self, login: Login) -> None:
        key, known_hosts = login.key, login.known_hosts
        try:
            mode = None if login.agent else key_mode(key)
            async with key_ring(login.identity):
                pass
        except KeyUnusable as error:
            raise Stopped(Step.OWN_FILES, str(error)) from error
        except OSError as error:
            raise Stopped(Step.OWN_FILES, f"cannot use the private key {key}: {error}") from error
        try:
            asyncssh.read_known_hosts(str(known_hosts))
        except (OSError, ValueError) as error:
            raise Stopped(
                Step.OWN_FILES, f"cannot use the known hosts file {known_hosts}: {error}"
            ) from error
        self.approach = replace(self.approach, key_mode=mode)

    async def _name(self) -> None:
        loop, first = asyncio.get_running_loop(), (*self._login.via, self._login)[0]
        try:
            async with asyncio.timeout(self._patience.name):
                found = await loop.getaddrinfo(first.host, first.port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError, UnicodeError) as error:
            said = str(error) or "no answer in time"
            raise Stopped(Step.NAME, f"{first.host} does not resolve here: {said}") from error
        addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
        self.approach = replace(self.approach, addresses=addresses)
        self._passed(Step.NAME)

    async def _through(self) -> list[asyncssh.SSHClientConnection]:
        """What is behind a jump host cannot be judged before it lets us through."""
        try:
            return await open_hops(self._login, self._patience.connect + self._patience.shell)
        except NotRun as error:
            step = _AT_HOP.get(type(error), Step.CONNECT)
            raise Stopped(step, str(error)) from error

    async def _log_in(self) -> asyncssh.SSHClientConnection:
        try:
            async with key_ring(self._login.identity) as ring:
                connection = await self._greeted(ring)
        except KeyUnusable as error:
            raise Stopped(Step.OWN_FILES, str(error)) from error
        self.approach = replace(self.approach, server=_version(connection))
        for step in (Step.GREETING, Step.HOST_KEY, Step.KEY, Step.KEY_ALONE):
            self._passed(step)
        return connection

    async def _greeted(self, ring: KeyRing) -> asyncssh.SSHClientConnection:
        guest = Guest(ring, lambda: self._passed(Step.CONNECT))
        options = ssh_options(self._login, self._patience.connect)
        # The guest sees what is asked for besides a key.
        options |= {"preferred_auth": "publickey,keyboard-interactive,password"}
        try:
            async with asyncio.timeout(self._patience.connect + self._patience.shell):
                return await asyncssh.connect(
                    self._login.host,
                    self._login.port,
                    client_factory=lambda: guest,
                    tunnel=self._hops[-1] if self._hops else None,
                    **options,
                )
        except (OSError, asyncssh.Error, ValueError) as error:
            self.approach = replace(self.approach, server=guest.server, host_key=guest.shown)
            if ring.trouble and isinstance(error, asyncssh.PermissionDenied):
                raise KeyUnusable(ring.trouble) from error
            raise self._explained(guest, ring, error) from error

    def _explained(self, guest: Guest, ring: KeyRing, error: Exception) -> Stopped:
        said = str(error) or (
            "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        )
        if not guest.connected:
            return Stopped(Step.CONNECT, f"no connection to {self.approach.login}: {_network(error, said)}")
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            at = self._login
            words = refused_host_key(said, guest.shown, at.known_hosts, at.host, at.port)
            return Stopped(Step.HOST_KEY, words)
        if isinstance(error, asyncssh.PermissionDenied):
            return self._refused(guest, ring, said)
        return Stopped(
            Step.GREETING, f"what answers at {self.approach.login} does not speak SSH with us: {said}"
        )

    def _refused(self, guest: Guest, ring: KeyRing, said: str) -> Stopped:
        account = self._login.account
        if factor := guest.second_factor:
            return Stopped(
                Step.KEY_ALONE, f"the key of {account} was accepted, and then {factor} is asked for"
            )
        known = f"; {ring.words}" if ring.words else ""
        return Stopped(Step.KEY, f"the key {self._login.key} was not accepted for {account}: {said}{known}")

    async def _shell(self, connection: asyncssh.SSHClientConnection) -> None:
        answer = await self._exchange(connection, Step.SHELL, ["echo", MARK])
        noise, mark, _ = answer.output.partition(MARK.encode())
        if CONFINED in answer.errors:
            self.approach = replace(self.approach, confined=True)
            return self._passed(Step.SHELL)
        if not mark:
            said = f"asked to print a word, the login shell did not: {answer.words}"
            raise Stopped(Step.SHELL, said)
        shown = noise[:NOISE_SHOWN].decode("utf-8", "replace")
        self.approach = replace(self.approach, noise=shown, noise_size=len(noise))
        return self._passed(Step.SHELL)

    async def _ask_python(self, connection: asyncssh.SSHClientConnection) -> None:
        code = f"import sys; sys.stdout.write('{MARK} %d.%d.%d' % sys.version_info[:3])"
        answer = await self._exchange(connection, Step.PYTHON, [self._python, "-I", "-S", "-c", code])
        _, mark, version = answer.output.partition(MARK.encode())
        if not mark:
            raise Stopped(Step.PYTHON, f"{self._python} does not run at the login node: {answer.words}")
        found = version.decode("ascii", "replace").strip()
        if _numbers(found) < OLDEST_PYTHON:
            raise Stopped(Step.PYTHON, f"{self._python} is Python {found}; 3.6 or later is needed")
        self.approach = replace(self.approach, python=found)
        self._passed(Step.PYTHON)

    async def _exchange(
        self, connection: asyncssh.SSHClientConnection, step: Step, argv: list[str]
    ) -> Exchange:
        try:
            return await exchange(connection, argv, self._patience.shell)
        except TimeoutError as error:
            said = f"no answer to {argv[0]} within {self._patience.shell:g} s: does something wait for input?"
            raise Stopped(step, said) from error
        except (OSError, asyncssh.Error) as error:
            raise Stopped(step, f"the login node does not start {argv[0]}: {error}") from error

    async def _agent(self, connection: asyncssh.SSHClientConnection) -> Link:
        source = agent_source()
        command = shlex.join(agent_command(self._python, source))
        try:
            async with asyncio.timeout(self._patience.shell):
                process = await connection.create_process(command, encoding=None)
            stream = SshStream(connection, process, self._hops)
            link = await Link.open(stream, source=source, spool=self._spool, timeout=self._patience.shell)
        except (BoscoError, OSError, asyncssh.Error) as error:
            said = str(error) or "no answer in time"
            raise Stopped(Step.SPOOL if "refused 'hello'" in said else Step.SHELL, said) from error
        if self.approach.confined:
            self.approach = replace(self.approach, python=link.facts["python"])
            self._passed(Step.PYTHON)
        self._passed(Step.SPOOL)
        return link


def _network(error: Exception, said: str) -> str:
    """The reason alone: asyncssh and asyncio say much around it."""
    number = getattr(error, "errno", None)
    reasons: dict[int, Callable[[], str]] = {
        errno.ECONNREFUSED: lambda: "it was refused: nothing listens there",
        errno.EHOSTUNREACH: lambda: "there is no way to the host",
        errno.ENETUNREACH: lambda: "there is no way to its network",
        errno.ETIMEDOUT: lambda: "no answer in time",
    }
    return reasons[number]() if number in reasons else said


def _version(connection: asyncssh.SSHClientConnection) -> str | None:
    version: str | None = connection.get_extra_info("server_version")
    return version


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(word) for word in version.split(".") if word.isdigit())
