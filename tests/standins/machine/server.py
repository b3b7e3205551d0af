"""The server: `python server.py FOLDER`. It queues and starts jobs and ends those that overrun.

Commands ask it over a socket in the folder: one JSON request a connection, one answer. Jobs are known by
number.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

TICK_S = 0.05
LOOK_S = 0.3
"""How often memory is looked at."""


class Server:
    """One node's jobs."""

    def __init__(self, folder: str):
        from machine.state import Place

        self.place = Place(folder)
        self.jobs = self.place.read_jobs()
        self.keepers: list[subprocess.Popen[bytes]] = []
        self.looked = 0.0
        self.told: dict[int, float] = {}
        """When a job that is to end got its SIGTERM."""

    def answer(self, request: dict[str, Any]) -> Any:
        """What a command asked for."""
        operation: Callable[..., Any] = getattr(self, "do_" + request.pop("do"))
        return operation(**request)

    def do_submit(self, job: dict[str, Any] | None) -> int:
        """A new job, with its number in place of `{number}` in its script's place. None: it was refused,
        which takes a number too.
        """
        path = self.place.folder / "next"
        number = int(path.read_text()) if path.exists() else 1
        path.write_text(str(number + 1))
        if job:
            now = time.time()
            script = self.place.jobs / f"{number}.SC"
            script.write_text(job.pop("script"), errors="surrogateescape")
            script.chmod(0o700)
            names = {"{script}": str(script), "{number}": str(number)}
            for key in ("argv", "stdin", "environment", "output"):
                job[key] = _filled(job[key], names)
            job.update(number=number, submitted=now, changed=now)
            for name in ("started", "ended", "session", "wait_status", "cause", "used", "comment"):
                job.setdefault(name, None)
            self.keep(job)
        return number

    def do_jobs(self) -> list[dict[str, Any]]:
        """All jobs. One whose processes are not there yet still waits."""
        jobs = [self.jobs[number] for number in sorted(self.jobs)]
        begins = {"phase": "queued"}
        return [{**j, **begins} if j["phase"] == "running" and not j["session"] else j for j in jobs]

    def do_hold(self, number: int, who: str) -> None:
        """A job that waits does not start."""
        self.keep({**self.jobs[number], "phase": "held", "hold": who})

    def do_release(self, number: int) -> None:
        """It may start."""
        if self.jobs[number]["phase"] == "held":
            self.keep({**self.jobs[number], "phase": "queued", "hold": ""})

    def do_delete(self, number: int) -> None:
        """A job that waits has ended; one that runs gets SIGTERM, and a while later SIGKILL."""
        job = self.jobs[number]
        if job["phase"] in ("queued", "held"):
            self.keep({**job, "phase": "ended", "ended": time.time(), "cause": "deleted"})
        elif number not in self.told:
            self.end(job, "deleted")

    def do_signal(self, number: int, signal: int) -> None:
        """To all processes of the job."""
        from machine import processes

        processes.send(self.jobs[number]["session"], signal)

    def end(self, job: dict[str, Any], cause: str) -> None:
        """Asks the job's processes to end; `step` sees to it."""
        from machine import processes

        processes.send(job["session"], signal.SIGTERM)
        self.told[job["number"]] = time.monotonic()
        self.keep({**job, "cause": cause})

    def keep(self, job: dict[str, Any]) -> None:
        """From now on the job is so."""
        job["changed"] = time.time()
        self.jobs[job["number"]] = job
        self.place.write_job(job)

    def step(self) -> None:
        """What is due."""
        from machine import processes

        settings = self.place.settings
        self.keepers = [keeper for keeper in self.keepers if keeper.poll() is None]
        for job in list(self.jobs.values()):
            if job["phase"] == "running":
                self._attend(job, settings)
            elif job["phase"] == "ended" and job["ended"] + settings["keep_ended_s"] < time.time():
                del self.jobs[job["number"]]
                self.place.forget(job["number"])
        for number, since in list(self.told.items()):
            if self.jobs.get(number, {}).get("phase") != "running":
                del self.told[number]
            elif since + settings["kill_delay_s"] < time.monotonic():
                processes.send(self.jobs[number]["session"], signal.SIGKILL)
        if settings["scheduling"]:
            self._schedule(settings)

    def _attend(self, job: dict[str, Any], settings: dict[str, Any]) -> None:
        from machine import processes

        number = job["number"]
        if not job["session"] and (run := self.place.noted(number, "run")):
            job = {**job, "session": run["session"], "started": run["started"]}
            self.keep(job)
        if end := self.place.noted(number, "end"):
            self.keep({**job, **end, "phase": "ended"})
        elif job["session"] and number not in self.told:
            if time.time() > job["started"] + job["walltime_s"]:
                self.end(job, "walltime")
            elif settings["memory_enforced"] and self.looked + LOOK_S < time.monotonic():
                self.looked = time.monotonic()
                for other in [
                    job for job in self.jobs.values() if job["phase"] == "running" and job["session"]
                ]:
                    if processes.resident_kb(other["session"]) > other["memory_mb"] * 1024:
                        self.end(other, "memory")

    def _schedule(self, settings: dict[str, Any]) -> None:
        running = [job for job in self.jobs.values() if job["phase"] == "running"]
        free = (
            0 if any(job["alone"] for job in running) else settings["cpus"] - sum(j["cpus"] for j in running)
        )
        for number in sorted(self.jobs):
            job = self.jobs[number]
            if job["phase"] != "queued" or job["words"].get("stopped"):
                continue
            if job["cpus"] > free or (job["alone"] and running):
                break  # in order: the first that does not fit is waited for
            self.keep({**job, "phase": "running"})
            running.append(job)
            free -= job["cpus"]
            keeper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keeper.py")
            argv = [sys.executable, "-S", "-E", keeper, str(self.place.folder), str(number)]
            self.keepers.append(subprocess.Popen(argv, start_new_session=True))


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, dict):
        return {key: _filled(each, names) for key, each in value.items()}
    return [_filled(each, names) for each in value] if isinstance(value, list) else value


def main(folder: str) -> None:
    """Serves until it is ended."""
    server = Server(folder)
    os.chdir(folder)  # a socket's path must be short
    pathlib.Path("socket").unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind("socket")
        listener.listen(100)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            if selector.select(TICK_S):
                _serve(server, listener.accept()[0])
            server.step()


def _serve(server: Server, connection: socket.socket) -> None:
    with (
        connection,
        connection.makefile("rwb") as stream,
        contextlib.suppress(BrokenPipeError, ConnectionError),
    ):
        line = stream.readline()
        if line:
            stream.write(json.dumps(server.answer(json.loads(line))).encode() + b"\n")
            stream.flush()


if __name__ == "__main__":
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    main(sys.argv[1])
