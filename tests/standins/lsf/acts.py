"""What bkill, bstop and bresume do: something to each job that is named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from lsf.common import FAILED, run
from machine import client

Act = Callable[[dict[str, Any]], str]
"""Does it; returns what is said of it. Raises ValueError with the reason why not."""


def each(folder: str, operands: list[str], act: Act) -> int:
    """Fails if one of them does, and goes on."""

    def work() -> int:
        code = 0
        jobs = {str(job["number"]): job for job in client.ask(folder, "jobs")}
        for operand in operands:
            job = jobs.get(operand)
            try:
                if job is None:
                    raise ValueError("No matching job found")
                if job["phase"] == "ended":
                    raise ValueError("Job has already finished")
                print(f"Job <{operand}> {act(job)}")
            except ValueError as why:
                code = FAILED
                sys.stderr.write(f"Job <{operand}>: {why}\n")
        return code

    return run(work)
