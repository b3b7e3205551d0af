"""bkill [-s SIGNAL]."""

from __future__ import annotations

import signal
from typing import Any

from lsf import acts
from lsf.common import options
from machine import client


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Without a signal: INT, TERM, and a while later KILL; the stand-in leaves INT out."""
    given, operands = options(arguments, {"s"}, set())
    name = dict(given).get("s")

    def kill(job: dict[str, Any]) -> str:
        if not name:
            client.ask(folder, "delete", number=job["number"])
            return "is being terminated"
        if job["phase"] != "running" or not job["session"]:
            raise ValueError("Job has not started")
        client.ask(folder, "signal", number=job["number"], signal=signal.Signals["SIG" + name].value)
        return "is being signaled"

    return acts.each(folder, operands, kill)
