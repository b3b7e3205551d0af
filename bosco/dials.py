"""Ways to open a link: over SSH to a login node, or to a child process beside us."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from bosco.dialer import Dial
from bosco.errors import AgentUnusable, NotRun, Unreachable
from bosco.link import Link, agent_command, agent_source
from bosco.local import open_local
from bosco.ssh.identity import KeyUse, OnLogin, next_key
from bosco.ssh.stream import Login, open_ssh

CONNECT_TIMEOUT_S = 30.0
OWN = ("HOSTED_CE_", "PGPASS")
"""How names of variables begin that are of this service alone: its settings, its database's password."""
HELLO_TIMEOUT_S = 60.0
"""A login shell with a heavy profile on a busy login node takes this long at times."""


def ssh_dial(login: Login, *, python: str, spool: str, on_login: OnLogin | None = None) -> Dial:
    """A way that logs in with `login` and starts an agent there with the command `python`.

    While a key is changed for the next one, what goes wrong behind a login is tried once more with the keys
    in use: the next one's line at the site may be wrong. `on_login` is told by which keys it went well.
    """
    source = agent_source()

    async def once(at: Login) -> Link:
        used: list[KeyUse] = []
        stream = await open_ssh(
            at, agent_command(python, source), timeout=CONNECT_TIMEOUT_S, on_login=used.append
        )
        try:
            link = await Link.open(stream, source=source, spool=spool, timeout=HELLO_TIMEOUT_S)
        except NotRun as error:
            raise type(error)(f"{at}: {error}") from error
        if on_login:
            for use in used:
                on_login(use)
        return link

    async def dial() -> Link:
        try:
            return await once(login)
        except (AgentUnusable, Unreachable):
            if not any(next_key(host.key).is_file() for host in (*login.via, login)):
                raise
        return await once(login.settled)

    return dial


def without_own(environment: Mapping[str, str]) -> dict[str, str]:
    """What a batch system may see of our environment: most hand all of it to the jobs, and so to pilots."""
    return {name: value for name, value in environment.items() if not name.startswith(OWN)}


def local_dial(
    *, spool: str, python: str = sys.executable, environment: Mapping[str, str] | None = None,
    account: str | None = None,
) -> Dial:  # fmt: skip
    """A way to an agent that is our own child, for a batch system whose commands work here.

    `environment` is its own; without it ours but what is this service's alone. Where we do not run in
    `account`, if that is given, AgentUnusable is raised: the jobs would be another's.
    """
    source = agent_source()
    around = without_own(os.environ) if environment is None else environment

    async def dial() -> Link:
        stream = await open_local(agent_command(python, source), environment=around)
        try:
            link = await Link.open(stream, source=source, spool=spool, timeout=HELLO_TIMEOUT_S)
        except NotRun as error:
            raise type(error)(f"local agent: {error}") from error
        if account not in {None, link.facts["user"]}:
            await link.close()
            own = link.facts["user"]
            raise AgentUnusable(f"this service runs as {own}, not in the account {account}: start it there")
        return link

    return dial
