"""What can be seen of a Python process only from within: it is asked by SIGUSR2 and writes a line of JSON.

The folder that `hook` makes goes first on the PYTHONPATH of a `hosted-ce serve` like any other. Until it is
asked, it costs nothing; with all objects (HOSTED_CE_BENCH_OBJECTS names a file that exists) some 100 ms.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HOOK = """\
import asyncio, collections, gc, json, os, signal

def _said(number, frame):
    tasks = asyncio.all_tasks(asyncio.get_running_loop())
    names = collections.Counter(task.get_coro().__qualname__ for task in tasks)
    found = {"tasks": len(tasks), "by_coroutine": dict(names), "ended_by_gc": gc.get_stats()[2]["collected"]}
    if os.path.exists(os.environ["HOSTED_CE_BENCH_OBJECTS"]):
        gc.collect()
        kinds = collections.Counter(type(each).__qualname__ for each in gc.get_objects())
        found["objects"], found["by_kind"] = sum(kinds.values()), dict(kinds.most_common(60))
    with open(os.environ["HOSTED_CE_BENCH_INSIDE"], "a") as out:
        out.write(json.dumps(found) + "\\n")

if "hosted_ce.cli.service" in open("/proc/self/cmdline").read().split("\\0"):
    signal.signal(signal.SIGUSR2, _said)
"""


class Inside:
    """One process that has the hook."""

    def __init__(self, folder: Path):
        self._out, self._objects = folder / "inside.jsonl", folder / "objects"
        self._hook = folder / "hook"
        self._hook.mkdir()
        (self._hook / "sitecustomize.py").write_text(_HOOK)

    @property
    def environment(self) -> Mapping[str, str]:
        """For the process."""
        path = os.pathsep.join(filter(None, [str(self._hook), os.environ.get("PYTHONPATH")]))
        return {
            "PYTHONPATH": path,
            "HOSTED_CE_BENCH_INSIDE": str(self._out),
            "HOSTED_CE_BENCH_OBJECTS": str(self._objects),
        }

    def ask(self, pid: int, *, objects: bool = False, patience_s: float = 30) -> dict[str, Any]:
        """Tasks by coroutine; with `objects` what is in memory by kind. Empty: no answer in time."""
        before = self._lines()
        self._objects.touch() if objects else self._objects.unlink(missing_ok=True)
        os.kill(pid, signal.SIGUSR2)
        deadline = time.monotonic() + patience_s
        while len(lines := self._lines()) == len(before):
            if time.monotonic() > deadline:
                return {}
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def _lines(self) -> list[str]:
        text = self._out.read_text() if self._out.exists() else ""
        return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
