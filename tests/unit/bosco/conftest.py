"""Real agents, real processes, real SSH: fixtures that start them and see to their end."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from gateway_site import Site
from raw_agent import PATIENCE_S, RawAgent
from tools import Barrier, Tools
from wrapped_job import SHELLS

from bosco import local
from bosco.link import Link, agent_command, agent_source


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where an agent keeps its files; not there yet."""
    return tmp_path / "spool"


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """The commands of a login node."""
    return Tools(tmp_path / "bin")


@pytest.fixture
def start_agent(tmp_path: Path) -> Iterator[Callable[..., RawAgent]]:
    """Starts agents; their ends are seen to."""
    agents: list[RawAgent] = []

    def start(**more: Any) -> RawAgent:
        agents.append(RawAgent(tmp_path / f"agent-{len(agents)}.log", **more))
        return agents[-1]

    yield start
    for agent in agents:
        agent.end()


@pytest.fixture
def agent(start_agent: Callable[..., RawAgent], spool: Path, tools: Tools) -> RawAgent:
    """An agent that has opened the spool and finds `tools`."""
    started = start_agent(environment=tools.environment())
    assert started.hello(spool)["spool"] == str(spool)
    return started


@pytest.fixture
def barrier(tmp_path: Path) -> Iterator[Callable[[], Barrier]]:
    """Makes named pipes to wait at."""
    numbers, made = count(), []

    def make() -> Barrier:
        made.append(Barrier(tmp_path / f"barrier-{next(numbers)}"))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
async def clean_loop(barrier: Callable[[], Barrier]) -> AsyncIterator[None]:
    """Nothing may go on when a test is over, and no exception may have been lost.

    It takes `barrier` so that the pipes outlive the processes that still have to come through them.
    """
    lost: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
    gc.freeze()  # what is there already need not be looked at below
    yield
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        _, pending = await asyncio.wait(others, timeout=PATIENCE_S)
        assert not pending
    gc.collect()  # tasks complain of exceptions that nobody asked for when they go
    gc.unfreeze()
    await asyncio.sleep(0)
    assert lost == []


OpenLink = Callable[..., Awaitable[Link]]


@pytest.fixture
async def open_link(
    clean_loop: None, spool: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[OpenLink]:
    """Opens links to agents beside us, each started by a `shell` line, as a login would."""
    monkeypatch.setattr(local, "LAST_WORDS_WAIT", 0.5)
    links: list[Link] = []

    async def link(
        shell: str = 'exec "$@"', *, source: bytes = agent_source(), timeout: float = PATIENCE_S
    ) -> Link:
        command = agent_command(sys.executable, source)
        stream = await local.open_local(
            ["/bin/sh", "-c", shell, "sh", *command], environment=tools.environment()
        )
        opened = await Link.open(stream, source=source, spool=str(spool), timeout=timeout)
        links.append(opened)
        return opened

    yield link
    for one in links:
        await one.close()


@pytest.fixture
async def make_site(
    clean_loop: None, spool: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Site]]:
    """Makes gateways to the commands in `tools`."""
    monkeypatch.setattr(local, "LAST_WORDS_WAIT", 0.5)
    made: list[Site] = []

    def make(**more: Any) -> Site:
        made.append(Site(spool, tools, **more))
        return made[-1]

    yield make
    for one in made:
        await one.gateway.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """One of them."""
    return make_site()


@pytest.fixture(params=SHELLS.values(), ids=SHELLS.keys())
def shell(request: pytest.FixtureRequest) -> list[str]:
    """What /bin/sh is somewhere."""
    return list(request.param)
