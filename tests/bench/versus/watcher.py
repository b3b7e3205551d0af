"""Watches the processes of login nodes from outside (a program: `python -m tests.bench.versus.watcher FILE`).

A line `PID LABEL` on its standard input makes that process a root; facts go to FILE as lines of JSON, with
times as seconds since 1970. It ends when its input does. Nothing is traced, preloaded or replaced, so both
ways of a pilot cost what they cost without it.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tests.bench.versus.family import Fact, Families
from tests.bench.versus.kernel_events import Event, parse, subscription
from tests.bench.versus.program_names import ProgramNames, read_all, traced_execs
from tests.e2e.lab.process import LabError, command_name, wait_until

_CONNECTOR, _PROCESSES = 11, 1
_BUFFER = 64 << 20
_SO_RCVBUFFORCE = 33
_PROJECT = Path(__file__).parents[3]


def main(file: Path) -> None:
    """Serves until standard input ends."""
    listening = _subscribed()
    offset, families, names = time.time() - time.monotonic(), Families(), ProgramNames()
    os.set_blocking(sys.stdin.fileno(), False)
    with traced_execs() as trace, file.open("a", buffering=1) as out:
        print(json.dumps({"ready": True}), file=out)
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if listening in ready:
                for event in _events(listening):
                    names.take(read_all(trace))
                    if fact := families.take(event, partial(_name, names)):
                        print(json.dumps(asdict(fact) | {"at": fact.at + offset}), file=out)
            if sys.stdin in ready:
                asked = sys.stdin.read()
                if asked == "":
                    return
                for line in asked.splitlines():
                    pid, label = line.split()
                    families.add(int(pid), label, command_name(int(pid)))
                    print(json.dumps({"root": label}), file=out)


def _name(names: ProgramNames, pid: int, at: float) -> str:
    return names.name(pid, at) or command_name(pid)


def _subscribed() -> socket.socket:
    listening = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _CONNECTOR)
    listening.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    listening.bind((os.getpid(), _PROCESSES))
    listening.send(subscription(os.getpid()))
    listening.setblocking(False)
    return listening


def _events(listening: socket.socket) -> Iterator[Event]:
    while True:
        try:
            data = listening.recv(4096)
        except BlockingIOError:
            return
        if event := parse(data):
            yield event


class Watch:
    """The watcher, seen from the bench."""

    def __init__(self, own: subprocess.Popen[str], file: Path):
        self._own, self._file = own, file
        self._read, self._facts, self._roots = 0, list[Fact](), set[str]()
        self._ready, self._lock = False, threading.Lock()

    def follow(self, root: int, label: str) -> None:
        """From its return on, what this process begins is noted."""
        print(root, label, file=self._own.stdin, flush=True)
        wait_until(lambda: label in self._seen_roots(), "the watcher follows", 10)

    def is_ready(self) -> bool:
        """Whether it hears the kernel; LabError when it never will."""
        self._more()
        return self._ready

    def _seen_roots(self) -> set[str]:
        self._more()
        return self._roots

    def facts(self, label: str, since: float = 0.0) -> list[Fact]:
        """What was noted of a root since then."""
        self._more()
        return [fact for fact in self._facts if fact.label == label and fact.at >= since]

    def _more(self) -> None:
        with self._lock:
            self._read_on()

    def _read_on(self) -> None:
        if self._own.poll() is not None:
            raise LabError(
                f"the watcher of processes has ended with {self._own.returncode}; it said why above"
            )
        with self._file.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            told = json.loads(line)
            if "ready" in told:
                self._ready = True
            elif "root" in told:
                self._roots.add(told["root"])
            else:
                self._facts.append(Fact(**told))


@contextmanager
def watching(file: Path) -> Iterator[Watch]:
    """A watcher for as long as the context lasts; LabError when this kernel does not tell of processes."""
    file.touch()
    argv = [sys.executable, "-m", __name__, str(file)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, cwd=_PROJECT, text=True, start_new_session=True
    ) as own:
        assert own.stdin is not None
        watch = Watch(own, file)
        try:
            wait_until(
                watch.is_ready, "the watcher hears of processes (CONFIG_PROC_EVENTS, as real root)", 10
            )
            yield watch
        finally:
            own.stdin.close()
            own.wait(10)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
