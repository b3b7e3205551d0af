"""Real agents, real processes, real SSH: fixtures that start them and see to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from raw_agent import RawAgent
from tools import Barrier, Tools


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
