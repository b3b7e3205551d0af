"""Which program a process became, from the kernel's trace of execs.

An event of the process connector has no name, and /proc has none any more when a short program has ended and
its parent has been told: with hundreds of `sbatch` a second some are missed that way. The kernel writes the
trace before it sends the event, and with the same clock, so whoever has the event finds the name here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TRACING = Path("/sys/kernel/tracing")
_LINE = re.compile(rb"\s(\d+\.\d+): sched_process_exec: filename=(.+) pid=(\d+) old_pid=\d+$")
_COMM = 15
_SLACK_S = 1e-6  # the trace has microseconds


class ProgramNames:
    """Names by process, as far as the trace has been read; each is given once."""

    def __init__(self) -> None:
        self._rest = b""
        self._execs: dict[int, list[tuple[float, str]]] = defaultdict(list)

    def take(self, text: bytes) -> None:
        """More of the trace, wherever it was cut."""
        *lines, self._rest = (self._rest + text).split(b"\n")
        for line in lines:
            if found := _LINE.search(line):
                at, path, pid = found.groups()
                name = path.rsplit(b"/", 1)[-1][:_COMM].decode(errors="replace")
                self._execs[int(pid)].append((float(at), name))

    def name(self, pid: int, at: float) -> str:
        """The name of the program that it had become when the event was sent; empty if none is known."""
        execs = self._execs.pop(pid, [])
        before = [name for when, name in execs if when <= at + _SLACK_S]
        if after := execs[len(before) :]:
            self._execs[pid] = after
        return before[-1] if before else ""


@contextmanager
def traced_execs() -> Iterator[int | None]:
    """A descriptor of the trace, which does not block; without a trace None, and a word on stderr."""
    if not (_TRACING / "instances").is_dir():
        subprocess.run(["mount", "-t", "tracefs", "none", str(_TRACING)], check=False, capture_output=True)
    instance = _TRACING / "instances" / f"hosted-ce-bench-{os.getpid()}"
    try:
        instance.mkdir()
        (instance / "trace_clock").write_text("mono")
        (instance / "buffer_size_kb").write_text("8192")
        (instance / "events/sched/sched_process_exec/enable").write_text("1")
        pipe = os.open(instance / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        with suppress(OSError):
            instance.rmdir()
        print(f"no trace of execs, so short programs may be missed ({_TRACING}): {error}", file=sys.stderr)
        yield None
        return
    try:
        yield pipe
    finally:
        os.close(pipe)
        instance.rmdir()


def read_all(pipe: int | None) -> bytes:
    """What there is now."""
    found = b""
    while pipe is not None:
        try:
            more = os.read(pipe, 1 << 16)
        except BlockingIOError:
            return found
        if not more:
            return found
        found += more
    return found
