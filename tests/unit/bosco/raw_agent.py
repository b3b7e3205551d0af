"""The agent as a child process, spoken to in bare frames: no bosco.link between it and a test."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bosco.frames import Decoder, Frame, encode
from bosco.link import PROTOCOL, agent_command, agent_source

NONCE = b"0123456789abcdef0123456789abcdef"
PATIENCE_S = 20.0
"""Far more than anything here takes; only a test that fails waits for it."""


class RawAgent:
    """One agent process. `ask` is a request and its reply; `send` and `receive` are the halves of it."""

    def __init__(
        self,
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        before_exec: Callable[[], None] | None = None,
    ):
        source = agent_source()
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                self.argv(source), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=stderr, env=environment, preexec_fn=before_exec,  # noqa: PLW1509 - no threads here
            )  # fmt: skip
        self._decoder = Decoder(NONCE)
        self._numbers = itertools.count(1)
        self._replies: dict[int, Frame] = {}
        self.write(source + NONCE + b"\n")

    def argv(self, source: bytes) -> list[str]:
        """How it is started."""
        return agent_command(sys.executable, source)

    @property
    def said(self) -> str:
        """Its standard error so far."""
        return self._log.read_text(errors="replace")

    @property
    def noise(self) -> bytes:
        """What came on its standard output and was no frame."""
        return self._decoder.noise

    def write(self, data: bytes) -> None:
        """Bytes on its standard input."""
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, op: str, body: bytes = b"", **header: Any) -> int:
        """A request; returns its number."""
        number = next(self._numbers)
        self.write(encode(NONCE, {**header, "op": op, "id": number}, body))
        return number

    def receive(self, number: int) -> Frame:
        """The reply to that request. Raises EOFError when the agent ends before."""
        deadline = time.monotonic() + PATIENCE_S
        while number not in self._replies:
            self._read(deadline)
        return self._replies.pop(number)

    def ask(self, op: str, body: bytes = b"", **header: Any) -> Frame:
        """A request and its reply."""
        return self.receive(self.send(op, body, **header))

    def hello(self, spool: Path | str) -> dict[str, Any]:
        """Opens the spool."""
        return self.ask("hello", protocol=PROTOCOL, spool=str(spool)).header

    def put(self, content: bytes) -> str:
        """Stores an input; returns its checksum."""
        sha256 = hashlib.sha256(content).hexdigest()
        assert self.ask("put", content, sha256=sha256).header.keys() == {"id"}
        return sha256

    def submit(self, stamp: str, *argv: str, **more: Any) -> dict[str, Any]:
        """Submits with the command `argv`; returns the reply's header."""
        return self.receive(self.begin_submit(stamp, *argv, **more)).header

    def begin_submit(
        self,
        stamp: str,
        *argv: str,
        inputs: Mapping[str, str] | None = None,
        credentials: Sequence[str] = (),
        files: Mapping[str, bytes] = {"job.sh": b"#!/bin/sh\n"},
        timeout: float = 10.0,
        **more: Any,
    ) -> int:
        """As `submit`, without waiting; returns the request's number."""
        header = {
            "stamp": stamp, "argv": list(argv), "inputs": dict(inputs or {}), "timeout": timeout,
            "credentials": list(credentials), "files": [[n, len(c)] for n, c in files.items()], **more,
        }  # fmt: skip
        return self.send("submit", b"".join(files.values()), **header)

    def run(
        self, *argv: str, timeout: float = 10.0, limit: int = 2**20, **more: Any
    ) -> tuple[dict[str, Any], bytes, bytes]:
        """Runs a command; returns the reply's header, standard output and standard error."""
        reply = self.ask("run", argv=list(argv), timeout=timeout, limit=limit, **more)
        at = reply.header["stdout"]
        return reply.header, reply.body[:at], reply.body[at:]

    def evidence(self, stamp: str) -> dict[str, Any]:
        """What the spool knows of a stamp."""
        found = json.loads(self.ask("evidence", stamps=[stamp]).body)
        assert found.keys() == {stamp}
        return dict(found[stamp])

    def close_input(self) -> None:
        """The connection's end, as the agent sees it."""
        assert self.process.stdin
        self.process.stdin.close()

    def close_input_and_be_noticed(self) -> None:
        """As `close_input`; the agent has seen it, and all its threads wait for something else."""
        self.close_input()
        deadline = time.monotonic() + PATIENCE_S
        while not self._waits_for_no_input():
            assert time.monotonic() < deadline, f"the agent does not notice the end; it said {self.said!r}"
            time.sleep(0.001)

    def wait(self) -> int:
        """Waits for its end; returns its exit code."""
        return self.process.wait(PATIENCE_S)

    def end(self) -> None:
        """Ends it whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            with contextlib.suppress(BrokenPipeError):  # what was written to a dead agent
                stream.close()

    def _waits_for_no_input(self) -> bool:
        """No thread has work, and the first one is in no call for standard input (handle 0): see proc(5)."""
        threads = Path(f"/proc/{self.process.pid}/task")
        calls = {path.name: (path / "syscall").read_text().split() for path in threads.iterdir()}
        busy = any(call[0] == "running" for call in calls.values())
        return not busy and calls[str(self.process.pid)][1] != "0x0"

    def _read(self, deadline: float) -> None:
        assert self.process.stdout
        handle = self.process.stdout.fileno()
        ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"the agent does not answer; it said {self.said!r}"
        data = os.read(handle, 2**20)
        if not data:
            raise EOFError(f"the agent has ended; it said {self.said!r}")
        self._replies.update((frame.header["id"], frame) for frame in self._decoder.feed(data))
