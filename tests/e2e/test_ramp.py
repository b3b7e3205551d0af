"""A route grows from two pilots to all, falls when they fail, and recovers: a whole CE over SSH, real pilots.

Gates of seconds; the batch system is the demo's.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hosted_ce.daemon import Daemon, running
from hosted_ce.demo.login_node import DemoLoginNode
from hosted_ce.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
LONGEST_S = 90
PILOTS = 40
RAMP = {"target": 16, "rest": "2s", "gates": {"ran_for": "2s", "queue_wait": "1m"}}
PILOT = """#!/bin/sh
while :; do
    if [ -e {bad} ]; then
        echo '=== Validation error in /tmp/glide/client/cvmfs_setup.sh ===' >&2
        exit 1
    fi
    sleep 0.5
done
"""


class Ce:
    """A CE in this process, and the most pilots that were seen at the site."""

    def __init__(self, daemon: Daemon):
        token = daemon.settings.token_file.read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        self.api, self.most = httpx.AsyncClient(base_url=daemon.url, headers=headers, timeout=60), 0

    async def get(self, path: str) -> Any:
        return (await self.api.get(f"/api/v1{path}")).raise_for_status().json()

    async def ramp(self) -> dict[str, Any]:
        """The ramp, after a look that no more pilots are at the site than it ever admitted."""
        [route] = (await self.get("/site"))["routes"]
        [found] = (await self.get("/ramps"))["ramps"] or [None]
        self.most = max(self.most, route["usage"]["pilots"])
        return dict(found)

    async def until(self, there: Callable[[Any], bool], *, comes: str | None = None) -> dict[str, Any]:
        """The ramp when it is such; meanwhile pilots with this script come, more than fail."""
        end, found = time.monotonic() + LONGEST_S, None
        while not found or not there(found):
            assert time.monotonic() < end, (found, await self.steps())
            for _ in range(2 if comes else 0):
                await self.submit(comes or "")
            await asyncio.sleep(0.2)
            found = await self.ramp()
        return found

    async def steps(self) -> list[dict[str, Any]]:
        """Oldest first."""
        found: list[dict[str, Any]] = (await self.get("/ramps/default/steps"))["steps"]
        return found[::-1]

    async def submit(self, script: str) -> None:
        content = base64.b64encode(script.encode()).decode()
        file = {"name": "pilot.sh", "executable": True, "content": content}
        body = {"executable": "pilot.sh", "inputs": [file], "attributes": {}}
        (await self.api.post("/api/v1/pilots", json=body)).raise_for_status()


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """A daemon keeps its process's files to itself; the other tests of this process need theirs."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[DemoLoginNode]:
    environment = {"MINISLURM_IDLE": "2", "MINISLURM_CPUS": "40", "MINISLURM_KILL_WAIT": "1"}
    async with DemoLoginNode(tmp_path / "node", environment=environment) as node:
        yield node


@asynccontextmanager
async def started(folder: Path, node: DemoLoginNode) -> AsyncIterator[Ce]:
    cluster = {
        "batch": "slurm", "login": [{"host": node.host, "port": node.port}], "account": node.account,
        "key": str(node.client_key.absolute()), "known_hosts": str(node.known_hosts.absolute()), "poll": "1s",
    }  # fmt: skip
    route = {
        "name": "default", "request": {"walltime": "1h", "memory": "10 MB"}, "ramp": RAMP,
        "limits": {"pilots": 30, "idle": 30},
    }  # fmt: skip
    site = {"site": "Demo", "resource": "Demo-CE1", "clusters": {"main": cluster}, "routes": [route]}
    (folder / "site.yaml").write_text(yaml.safe_dump(site, sort_keys=False))
    settings = Settings(state=folder / "state", port=0, site=folder / "site.yaml")
    async with running(settings) as daemon:
        ce = Ce(daemon)
        async with ce.api:
            yield ce


async def test_it_grows_falls_and_recovers_and_is_never_exceeded(tmp_path: Path, node: DemoLoginNode) -> None:
    bad = tmp_path / "bad"
    async with started(tmp_path, node) as ce:
        for _ in range(PILOTS):
            await ce.submit(PILOT.format(bad=bad))
        grown = await ce.until(lambda ramp: ramp["cap"] >= 8)
        assert ce.most <= grown["cap"]
    async with started(tmp_path, node) as ce:
        await ce.until(lambda ramp: ramp["cap"] >= 16)
        steps = await ce.steps()
        assert [(step["before"], step["after"]) for step in steps] == [(2, 2), (2, 4), (4, 8), (8, 16)]
        while ce.most < 16:
            await ce.ramp()
            await asyncio.sleep(0.2)
        why = await ce.get(f"/pilots/{PILOTS}/why")
        assert why["why"] == "the ramp of route default admits 16 of 16 pilots now"

        bad.touch()
        await ce.until(lambda ramp: ramp["standing"] == "held", comes=PILOT.format(bad=bad))
        fallen = await ce.ramp()
        assert (fallen["cap"], set(fallen["evidence"]["failed"])) == (2, {"no_cvmfs"})
        health = (await ce.get("/site"))["health"]
        assert "the ramp of route default is held at its start" in str(health["reasons"])

        bad.unlink()
        await ce.until(lambda ramp: ramp["cap"] >= 4, comes=PILOT.format(bad=bad))
        assert ce.most <= 16
        causes = [step["cause"] for step in await ce.steps()]
        assert causes.count("failures") >= 1
        assert causes[-1] == "passed"
        bad.touch()  # ends those that run
