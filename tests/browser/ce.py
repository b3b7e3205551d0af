"""A CE with its real server, in a thread of its own, so that a test can move pilots while a browser looks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from hosted_ce.api.app import create_app
from hosted_ce.api.views import SiteView
from hosted_ce.store.migrate import upgrade
from tests.api.world import World, open_world
from tests.browser.ramps import put_ramps
from tests.browser.scene import CHECKS, OUTAGE, TROUBLED, Scene, nodes
from tests.fakes.verified import Verified

Found = TypeVar("Found")
PATIENCE_S = 30.0


class Served:
    """The CE, and where it is."""

    def __init__(self, world: World, address: str, loop: asyncio.AbstractEventLoop):
        self.world, self.address, self._loop = world, address, loop
        self.scene = Scene(world)
        self.site: SiteView = TROUBLED

    def do(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Does something in the CE, and waits until it is done."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A CE without pilots; ends with the context."""
    box: list[Any] = []
    began, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=_run, args=(folder, box, began, stop), name="ce")
    thread.start()
    try:
        assert began.wait(PATIENCE_S)
        assert isinstance(box[0], Served), box[0]
        yield box[0]
    finally:
        stop.set()
        thread.join(PATIENCE_S)


def _run(folder: Path, box: list[Any], began: threading.Event, stop: threading.Event) -> None:
    try:
        asyncio.run(_serve(folder, box, began, stop))
    except BaseException as error:
        box.append(error)
        raise
    finally:
        began.set()


async def _serve(folder: Path, box: list[Any], began: threading.Event, stop: threading.Event) -> None:
    template = folder / "template.sqlite"
    await upgrade(f"sqlite:///{template}")
    site: Callable[[], SiteView] = lambda: box[0].site  # noqa: E731
    async with open_world(template, folder, site=site, verifier=Verified()) as world:
        await world.services.incidents.write(OUTAGE)
        world.nodes.nodes = list(nodes())
        world.runs.runs = list(CHECKS)
        put_ramps(world.ramps)
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(create_app(world.services), log_level="warning", access_log=False)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        box.append(Served(world, f"http://127.0.0.1:{listener.getsockname()[1]}", asyncio.get_running_loop()))
        began.set()
        await asyncio.to_thread(stop.wait)
        world.services.bell.close()
        server.should_exit = True
        await serving
