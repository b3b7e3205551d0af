"""What all benches have that are reached through a link: a gateway with the codec of their batch system."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bosco.batch.registry import batch_system
from bosco.dialer import Dial, Dialer
from bosco.dials import HELLO_TIMEOUT_S, ssh_dial
from bosco.gateway import Gateway
from bosco.link import Link, agent_command, agent_source
from bosco.local import open_local
from bosco.ssh.stream import Login
from hosted_ce.engine.ports import Site
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT
from tests.e2e.lab.sshd import Sshd

PAUSE_S = 0.25


@asynccontextmanager
async def connected(system: str, dial: Dial, options: Mapping[str, Any] | None = None) -> AsyncIterator[Site]:
    """A gateway of its own."""
    gateway = Gateway(Dialer([dial]), batch_system(system, options))
    try:
        yield gateway
    finally:
        await gateway.close()
        children = [task for task in asyncio.all_tasks() if task.get_name() == "bosco-local-reaper"]
        await asyncio.gather(*children)


async def pause() -> float:
    """A real cluster's time passes by itself."""
    await asyncio.sleep(PAUSE_S)
    return PAUSE_S


def over_ssh(sshd: Sshd, account: Account, *, confined: bool = False) -> Dial:
    """By a real login; `confined`: by the key that starts the agent installed there and nothing else."""
    key = sshd.confined_key if confined else sshd.private_key
    login = Login("127.0.0.1", sshd.port, account.name, key, sshd.known_hosts)
    return ssh_dial(login, python="python3", spool="~/hosted-ce")


def as_child(account: Account, environment: Mapping[str, str]) -> Dial:
    """By a child process in the account's name, as a CE has it that runs in that account."""
    source = agent_source()
    become = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    around = {**ENVIRONMENT, **account.environment, **environment}

    async def dial() -> Link:
        argv: Sequence[str] = [*become, *agent_command("/usr/bin/python3", source)]
        stream = await open_local(list(argv), environment=around)
        return await Link.open(stream, source=source, spool="~/hosted-ce", timeout=HELLO_TIMEOUT_S)

    return dial
