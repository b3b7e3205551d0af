"""The main job on embedded defaults: a CE, a demo site behind real SSH, twenty pilots there and back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Any

import httpx
import yaml
from rich.console import Console

from hosted_ce.daemon import Daemon, running
from hosted_ce.daemon.process.held import alone_in
from hosted_ce.daemon.run import stop_on_signals
from hosted_ce.demo.login_node import DemoLoginNode
from hosted_ce.demo.pilots import DemoPilot
from hosted_ce.demo.show import Progress
from hosted_ce.logs import configure_logs
from hosted_ce.redaction import Redactor
from hosted_ce.settings import Settings

PILOTS = 20
LOOK_S = 0.25
OVER = frozenset({"completed", "removed", "lost", "held"})
INTERRUPTED = 130


async def run_demo(settings: Settings, *, once: bool) -> int:
    """Runs the demo in the state folder; returns the exit code.

    With `once` it ends when the pilots have, with 0 only if all completed and came back whole; otherwise it
    serves on until SIGINT or SIGTERM. Run again, it goes on with the pilots that the state folder has.
    """
    console, stop = Console(), stop_on_signals()
    with alone_in(settings.state / "demo"):  # another demo there goes on with its own site
        return await _run_here(settings, console, stop, once=once)


async def _run_here(settings: Settings, console: Console, stop: asyncio.Event, *, once: bool) -> int:
    log_file = settings.state / "hosted-ce.log"
    log_file.touch(mode=0o600)
    with log_file.open("a", buffering=1) as log:
        redactor = Redactor()
        configure_logs(settings, log, redactor)
        async with DemoLoginNode(settings.state / "demo") as node:
            site = _write_site(settings.state / "demo", node)
            async with running(
                _with_free_port(settings).model_copy(update={"site": site}), redactor
            ) as daemon:
                console.print(
                    f"CE at {daemon.url}, login node {node.account}@{node.host}:{node.port} over SSH"
                )
                console.print(f"State in {settings.state}/, log in {log_file}", highlight=False)
                whole = await _until(stop, _main_job(daemon, console))
                if not once and not stop.is_set():
                    _invite(console, daemon)
                    await stop.wait()
    if whole is None:
        console.print("Stopped before the end. The next run goes on from here.")
        return INTERRUPTED
    return 0 if whole else 1


async def _until(stop: asyncio.Event, job: Any) -> bool | None:
    """The job's answer, or None if `stop` came first."""
    working, stopping = asyncio.create_task(job), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return bool(working.result())
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    return None


async def _main_job(daemon: Daemon, console: Console) -> bool:
    token = daemon.settings.token_file.read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{daemon.url}/api/v1", headers=headers, timeout=30) as api:
        wanted = [DemoPilot(number) for number in range(1, PILOTS + 1)]
        answers = [await _submit(api, pilot) for pilot in wanted]
        new = sum(status == httpx.codes.CREATED for status, _ in answers)
        console.print(f"{new} pilots submitted through the REST front door, {PILOTS - new} were there before")
        ids = [pilot_id for _, pilot_id in answers]
        pilots = await _follow(api, ids, console)
        return await _check(api, dict(zip(wanted, pilots, strict=True)), console)


async def _submit(api: httpx.AsyncClient, pilot: DemoPilot) -> tuple[int, int]:
    answer = await api.post("/pilots", json=pilot.submission(), headers={"Idempotency-Key": pilot.key})
    answer.raise_for_status()
    return answer.status_code, answer.json()["id"]


async def _follow(api: httpx.AsyncClient, ids: list[int], console: Console) -> list[dict[str, Any]]:
    with Progress(console) as progress:
        while True:
            page = (await api.get("/pilots", params={"limit": 1000})).raise_for_status().json()
            known = {pilot["id"]: pilot for pilot in page["items"]}
            pilots = [known[pilot_id] for pilot_id in ids]
            progress.update(pilots)
            if all(pilot["state"] in OVER for pilot in pilots):
                return pilots
            await asyncio.sleep(LOOK_S)


async def _check(api: httpx.AsyncClient, pilots: dict[DemoPilot, dict[str, Any]], console: Console) -> bool:
    flaws, first = [], b""
    for wanted, pilot in pilots.items():
        answer = await api.get(f"/pilots/{pilot['id']}/stdout")
        stdout = answer.content if answer.is_success else b""
        first = first or stdout
        if flaw := wanted.flaw(pilot, stdout):
            flaws.append(f"pilot {pilot['id']}: {flaw}")
    console.print("\nThe first pilot's stdout:")
    console.print(first.decode("utf-8", "replace"), markup=False, highlight=False)
    for flaw in flaws:
        console.print(flaw, style="red", markup=False)
    done = f"{len(pilots) - len(flaws)} of {len(pilots)} pilots completed and came back whole"
    console.print(done, style="red" if flaws else "green")
    return not flaws


def _invite(console: Console, daemon: Daemon) -> None:
    elsewhere = "" if daemon.settings.state == Path("state") else f" --state-dir {daemon.settings.state}"
    console.print(
        f"\nStatus page  {daemon.url}/\nMetrics      {daemon.url}/metrics\nAPI          {daemon.url}/docs\n"
        f"Try          .venv/bin/hosted-ce pilots list{elsewhere}\n"
        f"New pilots   rm -r {daemon.settings.state} and run again\n\nServing until Ctrl-C.",
        highlight=False,
    )


def _write_site(folder: Path, node: DemoLoginNode) -> Path:
    document = {
        "site": "Demo-University",
        "resource": "Demo-CE1",
        "reach": {"outside": False},
        "clusters": {
            "demo": {
                "batch": "slurm",
                "login": [{"host": node.host, "port": node.port}],
                "account": node.account,
                "key": str(node.client_key.absolute()),
                "known_hosts": str(node.known_hosts.absolute()),
                "poll": "1s",
            }
        },
        "routes": [
            {
                "name": "default",
                "request": {"cpus": 1, "memory": "1 GB", "walltime": "1h"},
                "limits": {"pilots": 100, "idle": 50},
            }
        ],
    }
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def _with_free_port(settings: Settings) -> Settings:
    """The demo asks nothing: if the port is taken, any free one will do."""
    try:
        with socket.create_server((settings.host, settings.port)):
            return settings
    except OSError:
        return settings.model_copy(update={"port": 0})
