"""bresume: of jobs that wait."""

from __future__ import annotations

from typing import Any

from lsf import acts
from machine import client


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Each of the jobs."""

    def act(job: dict[str, Any]) -> str:
        client.ask(folder, "release", number=job["number"])
        return "is being resumed"

    return acts.each(folder, arguments, act)
