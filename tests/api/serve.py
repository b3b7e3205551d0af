"""Runs the tests' CE in a process of its own, with the real server: python -m tests.api.serve FOLDER.

Prints its address when it answers; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from hosted_ce.api.front import Front
from hosted_ce.daemon.late_api import LateApi
from hosted_ce.store.migrate import upgrade
from hosted_ce.store.pilots import Listener
from tests.api.world import open_world


async def main(folder: Path, *listeners: Listener, **changes: Any) -> None:
    """Serves until standard input ends. `listeners` hear of changes of pilots."""
    template = folder / "template.sqlite"
    await upgrade(f"sqlite:///{template}")
    async with open_world(template, folder, **changes) as world:
        for listener in listeners:
            world.services.store.subscribe(listener)
        # asyncio turns Nagle's delay off only for sockets that name their protocol.
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        door.bind(("127.0.0.1", 0))
        door.listen()  # who comes before the server is ready waits, and is not refused
        app = Front(world.services, LateApi(world.services, lambda: None).load)
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        print(f"http://127.0.0.1:{door.getsockname()[1]}", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        world.services.bell.close()
        server.should_exit = True
        await serving


def quiet() -> None:
    """No line for each request: nobody reads the pipe, and when it is full the server stands still."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


if __name__ == "__main__":
    quiet()
    asyncio.run(main(Path(sys.argv[1])))
