"""Another site file while pilots come and go: a whole CE, a login node over SSH, a small batch system."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
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
GATE = "#!/bin/sh\nwhile [ ! -e {gate} ]; do sleep 0.1; done\necho through\n"


class Ce:
    """A CE in this process, and what one does with it from outside."""

    def __init__(self, daemon: Daemon, folder: Path, file: Path) -> None:
        self.daemon, self.folder, self.file = daemon, folder, file
        token = daemon.settings.token_file.read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        self.api = httpx.AsyncClient(base_url=daemon.url, headers=headers, timeout=60)

    async def submit(self, script: str, **attributes: Any) -> int:
        file = {"name": "pilot.sh", "executable": True, "content": _base64(script)}
        body = {"executable": "pilot.sh", "inputs": [file], "attributes": attributes}
        answer = await self.api.post("/api/v1/pilots", json=body)
        return int(answer.raise_for_status().json()["id"])

    async def pilot(self, pilot_id: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"/api/v1/pilots/{pilot_id}")).raise_for_status().json()
        return found

    async def site(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get("/api/v1/site")).raise_for_status().json()
        return found

    async def reload(self) -> httpx.Response:
        return await self.api.post("/api/v1/site/reload")

    async def ready(self) -> tuple[int, dict[str, Any], dict[str, Any]]:
        """The status, the answer, and what it says of the site file."""
        answer = await self.api.get("/readyz")
        [check] = [each for each in answer.json()["checks"] if each["name"] == "site file"]
        return answer.status_code, answer.json(), check

    async def metric(self, name: str) -> float:
        text = (await self.api.get("/metrics")).text
        [line] = [line for line in text.splitlines() if line.startswith(f"{name} ")]
        return float(line.split()[-1])

    async def until(self, pilot_id: int, state: str) -> dict[str, Any]:
        async def there() -> bool:
            return (await self.pilot(pilot_id))["state"] == state

        await wait_until(there)
        return await self.pilot(pilot_id)


async def wait_until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + LONGEST_S
    while not await true():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """A daemon keeps its process's files to itself; the other tests of this process need theirs."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[DemoLoginNode]:
    async with DemoLoginNode(tmp_path / "node", environment={"MINISLURM_IDLE": "2"}) as node:
        yield node


@pytest.fixture
async def ce(tmp_path: Path, node: DemoLoginNode) -> AsyncIterator[Ce]:
    file = write(tmp_path / "site.yaml", site_of(node))
    settings = Settings(state=tmp_path / "state", port=0, site=file)
    async with running(settings) as daemon:
        ce = Ce(daemon, tmp_path, file)
        async with ce.api:
            yield ce


def site_of(node: DemoLoginNode, *routes: dict[str, Any], **cluster: Any) -> dict[str, Any]:
    entry = {
        "batch": "slurm", "login": [{"host": node.host, "port": node.port}], "account": node.account,
        "key": str(node.client_key.absolute()), "known_hosts": str(node.known_hosts.absolute()), "poll": "1s",
        **cluster,
    }  # fmt: skip
    return {
        "site": "Demo-University", "resource": "Demo-CE1", "clusters": {"main": entry},
        "routes": list(routes) or [route("default")],
    }  # fmt: skip


def route(name: str, when: str | None = None, **limits: int) -> dict[str, Any]:
    found = {"name": name, "request": {"walltime": "1h", "memory": "100 MB"}, "limits": limits}
    return {**found, "when": when} if when else found


def write(path: Path, site: dict[str, Any]) -> Path:
    """As a careful editor does: whole, or not at all."""
    new = path.with_suffix(".new")
    new.write_text(yaml.safe_dump(site, sort_keys=False))
    return new.replace(path)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


async def test_a_new_route_takes_pilots_while_others_run(ce: Ce, node: DemoLoginNode) -> None:
    gate = ce.folder / "gate"
    runs = await ce.submit(GATE.format(gate=gate))
    lost = await ce.submit("#!/bin/sh\n", Kind="gpu")
    assert (await ce.until(runs, "running"))["route"] == "default"

    write(ce.file, site_of(node, route("gpu", 'Kind == "gpu"'), route("other")))
    answer = (await ce.reload()).raise_for_status().json()
    assert answer["outcome"] == "loaded"
    assert "route default is taken out" in [each["words"] for each in answer["changes"]]
    late = await ce.submit("#!/bin/sh\necho late\n", Kind="gpu")
    assert (await ce.until(late, "completed"))["route"] == "gpu"
    assert (await ce.until(lost, "completed"))["route"] == "default"
    assert (await ce.pilot(runs))["state"] == "running"
    gate.touch()
    done = await ce.until(runs, "completed")
    assert (done["route"], done["attempt_number"], done["exit_code"]) == ("default", 1, 0)


async def test_a_change_is_taken_by_itself_and_a_broken_one_is_not(ce: Ce, node: DemoLoginNode) -> None:
    write(ce.file, site_of(node, route("second")))

    async def taken() -> bool:
        return [each["name"] for each in (await ce.site())["routes"]] == ["second"]

    await wait_until(taken)
    broken = site_of(node, route("third"))
    broken["routes"][0]["when"] = "RequestGPUs >"
    write(ce.file, broken)

    async def told() -> bool:
        return not (await ce.ready())[2]["ok"]

    await wait_until(told)
    status, answer, check = await ce.ready()
    assert (status, answer["ok"], answer["degraded"], check["essential"]) == (200, True, True, False)
    assert f"{ce.file}:" in check["detail"]
    assert "routes[0].when" in check["detail"]
    assert await ce.metric("hosted_ce_site_reload_failed") == 1
    assert await taken()
    assert (await ce.site())["file"]["failed_at"]
    assert "not in force" in (await ce.api.get("/")).text
    refused = await ce.reload()
    assert (refused.status_code, refused.json()["type"]) == (409, "/docs/errors#site-file-refused")
    pilot = await ce.submit("#!/bin/sh\n")
    assert (await ce.until(pilot, "completed"))["route"] == "second"

    write(ce.file, site_of(node, route("second")))

    async def well() -> bool:
        return (await ce.ready())[1]["degraded"] is False

    await wait_until(well)
    assert await ce.metric("hosted_ce_site_reload_failed") == 0


async def test_a_cluster_is_served_anew_and_its_pilots_go_on(ce: Ce, node: DemoLoginNode) -> None:
    gate = ce.folder / "gate"
    ids = [await ce.submit(GATE.format(gate=gate)) for _ in range(3)]
    for pilot_id in ids:
        await ce.until(pilot_id, "running")
    more = [await ce.submit("#!/bin/sh\n") for _ in range(6)]
    await ce.api.post("/api/v1/site/clusters/main/pause", params={"reason": "to see it last"})

    write(ce.file, site_of(node, poll="2s", submit_window=2, cancel_grace="5s"))
    answer = (await ce.reload()).raise_for_status().json()
    assert {each["path"] for each in answer["changes"]} == {
        "clusters.main.poll", "clusters.main.submit_window", "clusters.main.cancel_grace",
    }  # fmt: skip
    [cluster] = (await ce.site())["clusters"]
    assert cluster["state"] == "paused"
    assert "to see it last" in cluster["state_reason"]
    await ce.api.post("/api/v1/site/clusters/main/resume")
    gate.touch()
    for pilot_id in [*ids, *more]:
        done = await ce.until(pilot_id, "completed")
        assert done["attempt_number"] == 1
    text = (await ce.api.get("/metrics")).text
    assert "hosted_ce_duplicate_jobs_total 0.0" in text
    health = (await ce.ready())[1]["checks"]
    assert [each["name"] for each in health if each["name"] == "task submit main"] == ["task submit main"]


async def test_a_cluster_with_pilots_cannot_be_taken_out(ce: Ce, node: DemoLoginNode) -> None:
    gate = ce.folder / "gate"
    pilot = await ce.submit(GATE.format(gate=gate))
    await ce.until(pilot, "running")
    other = site_of(node)
    other["clusters"] = {"new": other["clusters"]["main"]}
    write(ce.file, other)
    refused = await ce.reload()
    assert refused.status_code == 409
    [fault] = refused.json()["errors"]
    assert f"cluster main is taken out, and 1 pilot is ({pilot}) there" in fault["message"]
    assert (await ce.pilot(pilot))["state"] == "running"
    assert [each["name"] for each in (await ce.site())["clusters"]] == ["main"]

    gate.touch()
    await ce.until(pilot, "completed")
    (await ce.reload()).raise_for_status()
    assert [each["name"] for each in (await ce.site())["clusters"]] == ["new"]
    assert 'hosted_ce_site_in_contact{cluster="main"}' not in (await ce.api.get("/metrics")).text
    assert not [each for each in (await ce.ready())[1]["checks"] if each["name"].endswith(" main")]
    again = await ce.submit("#!/bin/sh\n")
    assert (await ce.until(again, "completed"))["cluster"] == "new"


async def test_a_restart_that_takes_a_cluster_out_is_told_until_it_is_back(
    tmp_path: Path, node: DemoLoginNode
) -> None:
    gate, file = tmp_path / "gate", write(tmp_path / "site.yaml", site_of(node))
    settings = Settings(state=tmp_path / "state", port=0, site=file)
    async with running(settings) as daemon:
        ce = Ce(daemon, tmp_path, file)
        async with ce.api:
            pilot = await ce.submit(GATE.format(gate=gate))
            await ce.until(pilot, "running")
    other = site_of(node)
    other["clusters"] = {"new": other["clusters"]["main"]}
    write(file, other)
    async with running(settings) as daemon:
        ce = Ce(daemon, tmp_path, file)
        async with ce.api:

            async def told() -> bool:
                return await ce.metric("hosted_ce_pilots_stranded") == 1

            await wait_until(told)
            status, answer, _ = await ce.ready()
            assert (status, answer["degraded"]) == (200, True)
            both = site_of(node, {**route("default"), "cluster": "new"})
            both["clusters"] |= {"new": site_of(node)["clusters"]["main"]}
            write(file, both)
            (await ce.reload()).raise_for_status()
            gate.touch()
            assert (await ce.until(pilot, "completed"))["attempt_number"] == 1

            async def well() -> bool:
                return (await ce.ready())[1]["degraded"] is False

            await wait_until(well)


async def test_another_place_under_the_same_name_takes_nothing(ce: Ce, node: DemoLoginNode) -> None:
    gate = ce.folder / "gate"
    pilot = await ce.submit(GATE.format(gate=gate))
    await ce.until(pilot, "running")
    write(ce.file, site_of(node, spool=str(ce.folder / "elsewhere")))
    (await ce.reload()).raise_for_status()
    waits = await ce.submit("#!/bin/sh\n")

    async def noticed() -> bool:
        [cluster] = (await ce.site())["clusters"]
        return "not the one that we know" in (cluster["problem"] or "")

    await wait_until(noticed)
    assert (await ce.pilot(pilot))["state"] in {"running", "unknown"}
    assert (await ce.pilot(waits))["batch_id"] is None
    write(ce.file, site_of(node))
    (await ce.reload()).raise_for_status()
    gate.touch()
    for each in (pilot, waits):
        assert (await ce.until(each, "completed"))["attempt_number"] == 1


async def test_what_would_change_for_pilots_that_wait(ce: Ce, node: DemoLoginNode) -> None:
    write(ce.file, site_of(node, route("none", pilots=0)))
    (await ce.reload()).raise_for_status()
    ids = [await ce.submit("#!/bin/sh\n", Kind=kind) for kind in ("gpu", "cpu", "gpu")]
    new = yaml.safe_dump(site_of(node, route("gpu", 'Kind == "gpu"', pilots=1)))
    answer = (await ce.api.post("/api/v1/site/compare", json={"new": new})).raise_for_status().json()
    assert (answer["same"], answer["waiting"], answer["obstacles"]) == (False, 3, [])
    waits = {"fate": "waits", "route": "none"}
    assert [(each["before"], each["after"], each["examples"]) for each in answer["shifts"]] == [
        (waits, {"fate": "begins", "route": "gpu"}, ids[:1]),
        (waits, {"fate": "no_route", "route": None}, ids[1:2]),
        (waits, {"fate": "waits", "route": "gpu"}, ids[2:]),
    ]
    assert [each["name"] for each in (await ce.site())["routes"]] == ["none"]


async def test_sighup_and_a_swap_of_links_as_kubernetes_does_it(tmp_path: Path, node: DemoLoginNode) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()

    def publish(version: str, site: dict[str, Any]) -> None:
        folder = volume / f"..{version}"
        folder.mkdir()
        (folder / "site.yaml").write_text(yaml.safe_dump(site))
        (volume / "..data_tmp").symlink_to(folder.name)
        (volume / "..data_tmp").replace(volume / "..data")

    publish("1", site_of(node))
    (volume / "site.yaml").symlink_to("..data/site.yaml")
    argv = [sys.executable, "-m", "hosted_ce.cli.main", "serve", "--site", str(volume / "site.yaml")]
    state = tmp_path / "state"
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *argv, "--state", str(state), "--port", "0", stdout=log, stderr=log,
            env={**os.environ, "HOSTED_CE_ROOT": "true"},
        )  # fmt: skip
    try:

        async def started() -> bool:
            return (state / "endpoint").exists()

        await wait_until(started)
        token = (state / "token").read_text().strip()
        url = (state / "endpoint").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as api:

            async def routes() -> list[str]:
                return [each["name"] for each in (await api.get("/api/v1/site")).json()["routes"]]

            assert await routes() == ["default"]
            publish("2", site_of(node, route("second")))

            async def second() -> bool:
                return await routes() == ["second"]

            await wait_until(second)
            publish("3", site_of(node, route("third")))
            process.send_signal(signal.SIGHUP)

            async def third() -> bool:
                return await routes() == ["third"]

            await wait_until(third)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        assert await process.wait() == 0
