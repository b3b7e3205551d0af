"""Ways to open a link: over SSH to a login node, or to a child process beside us."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from bosco.dialer import Dial
from bosco.errors import AgentUnusable, NotRun
from bosco.link import Link, agent_command, agent_source
from bosco.local import open_local
from bosco.ssh import Login, open_ssh

CONNECT_TIMEOUT_S = 30.0
HELLO_TIMEOUT_S = 60.0
"""A login shell with a heavy profile on a busy login node takes this long at times."""


def ssh_dial(login: Login, *, python: str, spool: str) -> Dial:
    """A way that logs in with `login` and starts an agent there with the command `python`."""
    source = agent_source()

    async def dial() -> Link:
        stream = await open_ssh(login, agent_command(python, source), timeout=CONNECT_TIMEOUT_S)
        try:
            return await Link.open(stream, source=source, spool=spool, timeout=HELLO_TIMEOUT_S)
        except NotRun as error:
            raise type(error)(f"{login}: {error}") from error

    return dial


def local_dial(
    *, spool: str, python: str = sys.executable, environment: Mapping[str, str] | None = None,
    account: str | None = None,
) -> Dial:  # fmt: skip
    """A way to an agent that is our own child, for a batch system whose commands work here.

    Where we do not run in `account`, if that is given, AgentUnusable is raised: the jobs would be another's.
    """
    source = agent_source()

    async def dial() -> Link:
        stream = await open_local(agent_command(python, source), environment=environment)
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
